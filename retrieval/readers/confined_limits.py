"""What a file in a format that must be parsed may take; the process that asks and the one that reads keep to it.

Time is that of the processor, so that a busy machine refuses nothing that an idle one reads.
"""

ARTICLE_SECONDS = 4.0  # until the first article of a file, and from one to the next
MORE_SECONDS = 0.2  # for all of a file, beside those 4 s: so much for each article that it has given
LONGEST_SILENCE = 60.0  # seconds by the clock, for a reader that does not even compute
LONGEST_START = 120.0  # seconds by the clock until a child has imported what it needs
MEMORY = 300_000_000  # bytes of data, what the libraries take included
ARTICLE_BYTES = 10_000_000
ARTICLES = 10_000  # of one file
FILE_BYTES = 500_000_000  # of all articles of one file
LONGEST_LINE = 3 * ARTICLE_BYTES  # bytes of a line between the two; JSON doubles quotation marks and line breaks

MOST_FILES = 500  # after which a child is ended: libraries keep what they have seen
TIRED = 180_000_000  # bytes of data still in use after a file, with which a child leaves the next one to another
