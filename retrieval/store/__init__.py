"""The store: one SQLite file with the articles, where their sentences begin and end, and the generations.

    versions            one row for each version of an article, with its whole text; it belongs to the generations
                        `since <= g < until`, or to all from `since` on while `until` is NULL
    spans               one row for each sentence of a version: half-open character offsets into `versions.text`
    surroundings        one row for each paragraph that has headings above it or belongs to a list, table or code block
    generations         one row for each load that changed something: 'loading', 'published' or 'abandoned'
    current_generation  one row: the generation that is shown
    sources             one row for each path, pattern and URL that a load has named; those with `added` are read by every
                        load that names no source; when it was last read, and what went wrong
    readings            one row for each file and page: a fingerprint that tells whether it has changed since it was last
                        read (size, times and inode of a file, ETag and Last-Modified of a page), and what it held then
    earlier             one row for each version that no kept generation shows: only its text, compressed
    articles, sentences views on the current generation, for people, Datasette and other programs

Readers see only the current generation. So a load writes its rows in batches under the next number and shows them all at
once by one update of `current_generation`. Until then the generation's `note` says what is being loaded: the next load
of the same sources continues an interrupted one, any other undoes it.

Loads go through `lock`, `schema`, `writer` and `batch` (sqlite-utils); questions go through `reader` and
`sentence_reader` (sqlite3 alone).
"""
