"""The store: one SQLite file that holds the articles, where their sentences begin and end, and the generations.

    versions            one row for each version of an article, with its whole text; it is part of the generations
                        `since <= g < until`, and of all later ones while `until` is NULL
    spans               one row for each sentence of a version: half-open character offsets into `versions.text`
    generations         one row for each load that changed something: 'loading', 'published' or 'abandoned'
    current_generation  one row, the generation that is shown
    earlier             one row for each version that no kept generation shows: its text alone, compressed
    sources             one row for each path, pattern and address that a load has named; `added` where every load that
                        names nothing reads it; when it was last read, and what was wrong then
    readings            one row for each file and page: by what it is told to be as it was when it was last read (size,
                        times and inode of a file, ETag and Last-Modified of a page), and what it then held
    articles, sentences views on the current generation, for people, Datasette and other programs

A generation that is not current changes nothing for a reader, so a load writes its rows in batches under the next
number and shows them all at once, by one update of `current_generation`. Until then the generation's `note` says what
is loaded: an interrupted load is gone on with by the next of the same, and undone by any other.

`format` tells a store from other files. Loads go through `locking`, `schema`, `writing` and `batches` (sqlite-utils);
whatever answers goes through `reading` (sqlite3 alone); `checking` finds what is wrong.
"""
