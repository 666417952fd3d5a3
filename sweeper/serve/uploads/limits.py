"""The bounds of what may be uploaded, and of what it may take to measure it."""

#: Most bytes of a file.
MOST_BYTES = 64 * 1024**2

#: Most bytes of all files that arrive at once.
MOST_ARRIVING = 8 * MOST_BYTES

#: Seconds that a file may take to arrive, and that may pass without any of it.
SECONDS, STALLED = 300.0, 20.0

#: Most bytes that an archive holds when unpacked, and how many times its own size.
MOST_UNPACKED, LARGEST_RATIO = 512 * 1024**2, 200

#: Up to here an archive may be packed as well as it likes: labels are.
UNPACKED_ANYHOW = 16 * 1024**2

#: Most images, embeddings or files in an archive.
MOST_SAMPLES = 100_000

#: Most pixels of an image.
MOST_PIXELS = 50_000_000

#: Most bytes of a table of meta-features: all of them with their names are 2,000.
MOST_TABLE_BYTES = 16 * 1024

#: Bytes of memory, seconds of processors and seconds by the clock to measure a file.
MEMORY, CPU_SECONDS, WALL_SECONDS = 2 * 1024**3, 240, 180.0

#: Files that wait while one is measured.
MOST_WAITING = 4

#: Seconds that an answer is kept, and how many are.
KEPT_SECONDS, MOST_KEPT = 3600.0, 500
