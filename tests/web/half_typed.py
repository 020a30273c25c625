"""Typing as a Chinese input method does it: half of it composed, Enter takes the candidate."""

from playwright.async_api import Locator, expect


async def type_by_halves(field: Locator) -> None:
    """你好, by way of nihao and an Enter that belongs to the input method: nothing goes out yet."""
    await field.focus()
    line = await field.page.context.new_cdp_session(field.page)
    half = {"text": "nihao", "selectionStart": 5, "selectionEnd": 5}
    await line.send("Input.imeSetComposition", half)
    # While an input method composes, a key arrives as 229.
    for kind in ("rawKeyDown", "keyUp"):
        key = {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
        await line.send("Input.dispatchKeyEvent", key)
    for sign in ({"isComposing": True}, {"keyCode": 229}):
        await field.dispatch_event("keydown", {"key": "Enter", "cancelable": True} | sign)
    await expect(field).to_have_value("nihao")
    await line.send("Input.insertText", {"text": "你好"})
    await expect(field).to_have_value("你好")
