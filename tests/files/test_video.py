"""Videos are copied packet by packet into a container that knows nothing of the phone."""

from pathlib import Path

import av
import pytest
from tests.files import samples

from gongdao.base.errors import Refusal
from gongdao.files.file import VideoType
from gongdao.files.sniff import sniff
from gongdao.files.video import clean_video, first_picture

KINDS: list[tuple[str, VideoType]] = [
    ("mp4", "video/mp4"),
    ("mov", "video/mp4"),
    ("webm", "video/webm"),
]


def code_of(raw: bytes, media_type: VideoType, folder: Path) -> str:
    source = folder / "in"
    source.write_bytes(raw)
    with pytest.raises(Refusal) as refused:
        clean_video(source, media_type, folder / "out")
    return refused.value.code


@pytest.mark.parametrize(("kind", "media_type"), KINDS)
def test_picture_and_sound_stay_and_traces_go(kind: str, media_type: VideoType, tmp_path: Path):
    raw = samples.video(kind)
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(raw)
    assert samples.SECRET in raw and sniff(raw) == media_type
    facts = clean_video(source, media_type, target)
    assert (facts.width, facts.height) == (64, 48)
    assert facts.duration_ms is not None and 990 <= facts.duration_ms <= 1100
    assert samples.SECRET not in target.read_bytes()
    with av.open(str(target)) as copy:
        assert [stream.type for stream in copy.streams] == ["video", "audio"]
        assert sum(1 for _ in copy.decode(video=0)) == 10
    assert first_picture(target, media_type).size == (64, 48)


@pytest.mark.parametrize(("kind", "media_type"), KINDS)
def test_cut_short_is_refused(kind: str, media_type: VideoType, tmp_path: Path):
    raw = samples.video(kind, seconds=4)
    for keep in (40, len(raw) // 2):
        assert code_of(raw[:keep], media_type, tmp_path) == "invalid"


def test_foreign_codecs_and_long_videos_are_refused(tmp_path: Path):
    assert code_of(samples.video("webm"), "video/mp4", tmp_path) == "invalid"
    assert (
        code_of(samples.video("mp4", seconds=601, sound=False), "video/mp4", tmp_path)
        == "too_large"
    )


def test_a_playlist_is_not_followed(tmp_path: Path):
    (tmp_path / "other.mp4").write_bytes(samples.video())
    playlist = b"#EXTM3U\n#EXTINF:1,\nfile://" + str(tmp_path / "other.mp4").encode() + b"\n"
    assert code_of(playlist, "video/mp4", tmp_path) == "invalid"


def test_sound_alone_is_no_video(tmp_path: Path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as made:
        samples._add_silence(made, made.add_stream("aac", rate=48_000, layout="mono"), 1)
    assert code_of(path.read_bytes(), "video/mp4", tmp_path) == "invalid"
