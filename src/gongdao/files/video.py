"""Short videos: their packets copied into a new container that holds picture and sound only."""

from pathlib import Path
from typing import Any, cast

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream
from av.video.stream import VideoStream
from PIL import Image

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.broken import refusing_broken
from gongdao.files.file import Facts, VideoType
from gongdao.files.limits import VIDEO_PACKETS_MAX, VIDEO_PIXELS_MAX, VIDEO_SECONDS_MAX

# The demuxer is named, so that a playlist or a script that pretends to be a video is never
# followed to other files or addresses; the decoders are a closed list for the same reason.
_DEMUXERS: dict[VideoType, str] = {"video/mp4": "mov", "video/webm": "matroska"}
_MUXERS: dict[VideoType, str] = {"video/mp4": "mp4", "video/webm": "webm"}
_PICTURE: dict[VideoType, frozenset[str]] = {
    "video/mp4": frozenset({"h264", "hevc", "av1", "libdav1d"}),
    "video/webm": frozenset({"vp8", "vp9", "av1", "libdav1d", "libvpx", "libvpx-vp9"}),
}
_SOUND: dict[VideoType, frozenset[str]] = {
    "video/mp4": frozenset({"aac", "mp3", "mp3float", "opus", "libopus"}),
    "video/webm": frozenset({"opus", "libopus", "vorbis", "libvorbis"}),
}
#: A video that ends before this part of its announced length was cut off.
_WHOLE = 0.9


def clean_video(source: Path, media_type: VideoType, target: Path) -> Facts:
    """Check a video, decode its first picture and copy picture and sound into `target`."""
    with refusing_broken(), _open(source, media_type) as video:
        streams = _chosen_streams(video, media_type)
        facts = _facts(video, streams[0])
        video.seek(0)
        with _create(target, media_type) as copy:
            seconds = _copy(video, copy, streams)
    assert facts.duration_ms is not None, "every accepted video has a length"
    if seconds * 1000 < facts.duration_ms * _WHOLE:
        raise Refusal("invalid", N_("The file is damaged or cut short and cannot be read."))
    return facts


def first_picture(source: Path, media_type: VideoType) -> Image.Image:
    """The first picture of a video, upright."""
    with refusing_broken(), _open(source, media_type) as video:
        frame = next(video.decode(video=0))
        picture: Image.Image = cast("Any", frame).to_image()
        return picture.rotate(frame.rotation, expand=True)


def _open(source: Path, media_type: VideoType) -> InputContainer:
    codecs = ",".join(sorted(_PICTURE[media_type] | _SOUND[media_type]))
    options = {"codec_whitelist": codecs, "protocol_whitelist": "file"}
    return av.open(str(source), "r", format=_DEMUXERS[media_type], options=options)


def _create(target: Path, media_type: VideoType) -> OutputContainer:
    options = {"fflags": "+bitexact"}  # no program name, no dates, no random ids
    if media_type == "video/mp4":
        options["movflags"] = "+faststart"
    return av.open(str(target), "w", format=_MUXERS[media_type], options=options)


def _chosen_streams(video: InputContainer, media_type: VideoType) -> tuple[Any, ...]:
    streams: tuple[Stream, ...] = (*video.streams.video[:1], *video.streams.audio[:1])
    accepted = _PICTURE[media_type] | _SOUND[media_type]
    names = [stream.codec_context.name for stream in streams if stream.codec_context]
    if not video.streams.video or len(names) < len(streams) or not accepted.issuperset(names):
        raise Refusal(
            "invalid",
            N_("The video is coded in a way that browsers cannot play. Send it as H.264 or VP9."),
        )
    return streams


def _facts(video: InputContainer, stream: VideoStream) -> Facts:
    if stream.width * stream.height > VIDEO_PIXELS_MAX:
        raise Refusal("too_large", N_("The pictures of the video are too large; 4K is the most."))
    seconds = (video.duration or 0) / av.time_base
    if not 0 < seconds <= VIDEO_SECONDS_MAX:
        raise Refusal(
            "too_large",
            N_("The video lasts {seconds} seconds; from 1 to {most} are accepted."),
            seconds=round(seconds),
            most=VIDEO_SECONDS_MAX,
        )
    frame = next(video.decode(stream))
    width, height = frame.width, frame.height
    if frame.rotation % 180:
        width, height = height, width
    return Facts(width=width, height=height, duration_ms=round(seconds * 1000))


def _copy(video: InputContainer, copy: Any, streams: tuple[Any, ...]) -> float:
    """Copy the packets of the streams. Returns where the last one ends, in seconds."""
    copies = {stream.index: copy.add_stream_from_template(stream) for stream in streams}
    first, last, count = None, 0.0, 0
    for packet in video.demux(*streams):
        if packet.dts is None:  # the demuxer's way of saying that a stream has ended
            continue
        count += 1
        if count > VIDEO_PACKETS_MAX or packet.is_corrupt:
            raise ValueError("a corrupt packet, or packets without number")
        start = float((packet.pts or packet.dts) * packet.time_base)
        first = start if first is None else min(first, start)
        last = max(last, start + float((packet.duration or 0) * packet.time_base))
        packet.stream = copies[packet.stream.index]
        copy.mux(packet)
    return last - (first or 0.0)
