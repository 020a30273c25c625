"""What `gongdao verify dossier.zip` shows: that all agrees, or the first thing that does not."""

from pathlib import Path

import msgspec
import typer

from gongdao.dossier.verify import Checked, verify_dossier


def check_dossier(path: Path, *, as_json: bool) -> int:
    """Check a dossier and tell; 0 if nothing was altered, 1 if something was, 2 if unread."""
    try:
        with path.open("rb") as file:
            checked = verify_dossier(file)
    except OSError as error:
        typer.echo(f"{path}: {error.strerror}", err=True)
        return 2
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(_told(checked)), indent=2).decode())
    else:
        _tell(path, checked)
    return 1 if checked.fault else 0


def _tell(path: Path, checked: Checked) -> None:
    if checked.fault:
        typer.secho(f"✗ {checked.fault}", fg="red")
        return
    manifest = checked.manifest
    assert manifest, "without a fault it was read"
    typer.echo(f"{path}: case {manifest.case}, made for {manifest.made_for}")
    typer.echo(f"exported    {manifest.exported_at.isoformat()}")
    typer.echo(f"events      {manifest.events}")
    typer.echo(f"files       {len(manifest.members)}")
    typer.echo(f"root        {manifest.root}")
    typer.echo(f"fingerprint {manifest.sha256}")
    typer.secho("Nothing was altered.", fg="green")


def _told(checked: Checked) -> dict[str, object]:
    manifest, fault = checked.manifest, checked.fault
    return {
        "ok": fault is None,
        "case": manifest.case if manifest else None,
        "made_for": manifest.made_for if manifest else None,
        "exported_at": manifest.exported_at if manifest else None,
        "events": manifest.events if manifest else None,
        "root": manifest.root if manifest else None,
        "fingerprint": manifest.sha256 if manifest else None,
        "fault": fault,
    }
