"""A path -> a database of the current schema, ready to be written.

A change of the schema is a new migration at the end, and `format.SCHEMA_VERSION` raised by one.
"""

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from retrieval.errors import StoreError, StoreTooNew

APPLICATION_ID = 0x43495445  # "CITE", in the header of the file
SCHEMA_VERSION = 4  # the number of migrations in `schema`, in the header too

_HEADER = ("application_id", "user_version")
_TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite_%'"


def is_store(connection: sqlite3.Connection, path: Path) -> bool:
    """Tell a store (True) from a file in which nothing has been made yet (False).

    Raises StoreTooNew for a store of a later schema, StoreError for anything else than a store.
    """
    try:
        tables = connection.execute(_TABLES).fetchone()[0]  # first: another process may be making the store
        application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _HEADER)
    except sqlite3.DatabaseError as error:
        raise unusable(path, error) from error
    if application != APPLICATION_ID and (tables or application):
        raise StoreError(f"{path} is an SQLite file of another program. Name another file for the store.")
    if version > SCHEMA_VERSION:
        raise StoreTooNew(f"{path} was written by a later version of citebot. Update citebot, or name another store.")
    return bool(application)


def unusable(path: Path, error: sqlite3.Error) -> StoreError:
    """Word an error of SQLite for the person who runs the bot, with what to do about it."""
    reason = str(error)
    if "not a database" in reason:
        return StoreError(f"{path} is not an SQLite file. Move it away or name another store, then load again.")
    if "malformed" in reason or "corrupt" in reason:
        return StoreError(f"{path} is damaged ({reason}). Restore a copy, or move it away and load the articles again.")
    if "locked" in reason or "busy" in reason:
        return StoreError(f"{path} is held by another program. Close it there and try again.")
    if "full" in reason:
        return StoreError(f"There is no room left for {path}. Make room on the disk and try again.")
    if "unable to open" in reason or "readonly" in reason:
        return StoreError(f"{path} cannot be opened. Make it and its folder readable and writable for citebot.")
    return StoreError(f"{path} cannot be used ({reason}). Run `citebot doctor` to see what is wrong.")


WAIT = 30.0  # seconds for another program to let go of the file

migrations = Migrations("citebot")


@migrations()
def make_articles(db: Database) -> None:
    """Lay the tables and views of the first version; `text` stands last so that lists need not read past it."""
    db.executescript(f"""
        PRAGMA application_id = {APPLICATION_ID};
        PRAGMA user_version = 1;
        CREATE TABLE generations (
            id INTEGER PRIMARY KEY,
            state TEXT NOT NULL CHECK (state IN ('loading', 'published', 'abandoned')),
            begun TEXT NOT NULL,
            published TEXT,
            note TEXT NOT NULL DEFAULT ''
        );
        CREATE TABLE current_generation (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            generation INTEGER NOT NULL
        );
        INSERT INTO current_generation VALUES (1, 0);
        CREATE TABLE versions (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            since INTEGER NOT NULL REFERENCES generations(id),
            until INTEGER REFERENCES generations(id),
            digest TEXT NOT NULL,
            language TEXT NOT NULL,
            stated_language TEXT,
            url TEXT,
            published TEXT,
            author TEXT,
            origin TEXT NOT NULL,
            source TEXT NOT NULL,
            loaded TEXT NOT NULL,
            paragraphs INTEGER NOT NULL,
            sentences INTEGER NOT NULL,
            characters INTEGER NOT NULL,
            title TEXT NOT NULL,
            text TEXT NOT NULL
        );
        CREATE UNIQUE INDEX open_versions ON versions(id) WHERE until IS NULL;
        CREATE INDEX versions_by_id ON versions(id, since, until);
        CREATE INDEX open_versions_by_origin ON versions(origin, id) WHERE until IS NULL;
        CREATE INDEX versions_by_since ON versions(since);
        CREATE INDEX closed_versions ON versions(until) WHERE until IS NOT NULL;
        CREATE TABLE spans (
            version INTEGER NOT NULL REFERENCES versions(row),
            position INTEGER NOT NULL,
            paragraph INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            kind TEXT NOT NULL,
            PRIMARY KEY (version, position)
        ) WITHOUT ROWID;
        CREATE VIEW articles AS
            SELECT id, title, text, language, url, published, author, sentences, paragraphs, characters, origin, loaded
            FROM versions JOIN current_generation AS c
            WHERE since <= c.generation AND (until IS NULL OR until > c.generation)
            ORDER BY id;
        CREATE VIEW sentences AS
            SELECT v.id AS article, s.position, s.paragraph, s.start, s."end", s.kind,
                substr(v.text, s.start + 1, s."end" - s.start) AS text
            FROM versions AS v JOIN current_generation AS c JOIN spans AS s ON s.version = v.row
            WHERE v.since <= c.generation AND (v.until IS NULL OR v.until > c.generation)
            ORDER BY v.id, s.position;
    """)


@migrations()
def count_open_sentences(db: Database) -> None:
    """Let the sentences that are shown be counted without a look at the articles, which takes long in a large store."""
    db.executescript("""
        CREATE INDEX open_versions_by_sentences ON versions(sentences) WHERE until IS NULL;
        PRAGMA user_version = 2;
    """)


@migrations()
def remember_sources(db: Database) -> None:
    """Remember what was named to be read, and as what each file and page was last read, so that it is not read again.

    The index gives what is known of a source's articles without a look at the articles themselves.
    """
    db.executescript("""
        CREATE TABLE sources (
            spec TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('path', 'glob', 'page', 'feed', 'sitemap')),
            added TEXT,
            read TEXT,
            outcome TEXT NOT NULL DEFAULT ''
        ) WITHOUT ROWID;
        CREATE TABLE readings (
            origin TEXT NOT NULL,
            source TEXT NOT NULL,
            stamp TEXT NOT NULL,
            reader TEXT NOT NULL,
            articles INTEGER NOT NULL,
            digest TEXT NOT NULL,
            read TEXT NOT NULL,
            outcome TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (origin, source)
        ) WITHOUT ROWID;
        DROP INDEX open_versions_by_origin;
        CREATE INDEX open_versions_by_source ON versions(origin, source, id, digest, since) WHERE until IS NULL;
        PRAGMA user_version = 3;
    """)


@migrations()
def keep_earlier_texts(db: Database) -> None:
    """Keep what a citation may quote of versions that are no longer shown; count what each generation holds."""
    db.executescript("""
        CREATE TABLE earlier (
            version INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            since INTEGER NOT NULL REFERENCES generations(id),
            until INTEGER NOT NULL REFERENCES generations(id),
            loaded TEXT NOT NULL,
            packed BLOB NOT NULL
        );
        CREATE INDEX earlier_by_id ON earlier(id, version);
        ALTER TABLE generations ADD COLUMN articles INTEGER;
        ALTER TABLE generations ADD COLUMN sentences INTEGER;
        PRAGMA user_version = 4;
    """)


def open_for_writing(path: Path) -> Database:
    """Open a store to change it, made or brought up to date where needed; hold the lock of the load before.

    Raises StoreError where the file is none of ours, StoreTooNew where a later version wrote it, and sqlite3.Error.
    """
    connection = sqlite3.connect(path, timeout=WAIT)
    try:
        is_store(connection, path)
        db = Database(connection, execute_plugins=False)
        db.enable_wal()
        migrations.apply(db)
    except BaseException:
        connection.close()
        raise
    return db
