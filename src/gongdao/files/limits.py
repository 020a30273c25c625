"""How large, how many and how long: every limit on what people upload, in one place."""

MEBIBYTE = 1024 * 1024

#: The most that may be uploaded, by what the content turns out to be.
IMAGE_BYTES_MAX = 10 * MEBIBYTE
PDF_BYTES_MAX = 20 * MEBIBYTE
VIDEO_BYTES_MAX = 100 * MEBIBYTE

#: One person within 24 hours, over all cases.
PERSON_DAY_FILES_MAX = 500
PERSON_DAY_BYTES_MAX = 2048 * MEBIBYTE

#: One side of one case, over all its pieces of evidence.
CASE_SIDE_FILES_MAX = 100

#: A picture: pixels of one frame, frames, and pixels of all frames together.
IMAGE_PIXELS_MAX = 40_000_000
IMAGE_FRAMES_MAX = 1_000
ANIMATION_PIXELS_MAX = 200_000_000
#: A progressive JPEG is decoded once for each scan; honest encoders write about ten.
JPEG_SCANS_MAX = 64
#: A colour profile that unpacks to more than this is no colour profile.
PROFILE_BYTES_MAX = 4 * MEBIBYTE

PDF_PAGES_MAX = 200
PDF_OBJECTS_MAX = 200_000
#: What the page descriptions of one document may unpack to.
PDF_UNPACKED_BYTES_MAX = 100 * MEBIBYTE

VIDEO_PIXELS_MAX = 10_000_000
VIDEO_SECONDS_MAX = 600
VIDEO_PACKETS_MAX = 500_000

#: Longest name that is kept for display, in characters.
NAME_CHARACTERS_MAX = 120

#: Files that one server takes apart at the same time; each may need a few hundred megabytes.
CLEANINGS_MAX = 2

#: Edges of the square into which a preview fits, in pixels.
THUMBNAIL_EDGES = (480, 160)
