"""Open a store for writing: create it, or bring its schema up to date.

To change the schema, add a migration at the end and raise `STORE.schema_version` by one.
"""

import sqlite3
import sys
from contextlib import suppress
from pathlib import Path

from retrieval.store.checksums import checksum
from retrieval.store.connection import STORE
from retrieval.store.filter_sql import SCOPE_COLUMNS
from retrieval.store.lock import WAIT

# sqlite-utils imports pandas wherever it is installed: 110 MB and .3 s for nothing that is used here.
_hides_pandas = sys.modules.setdefault("pandas", None) is None  # type: ignore[arg-type]
try:
    from sqlite_utils import Database, Migrations
finally:
    if _hides_pandas:
        del sys.modules["pandas"]


def open_for_writing(path: Path) -> Database:
    """Open a store to change it; the caller holds the load lock.

    Raise StoreError if another program wrote the file, StoreTooNew if a later version did, and sqlite3.Error.
    """
    with suppress(OSError):  # which SQLite meets too, and says
        path.touch(0o600)  # if it is new; SQLite gives its other files the same rights
    connection = sqlite3.connect(path, timeout=WAIT)
    try:
        if not STORE.read_version(connection, path):
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # so that the file can become shorter again
        db = Database(connection, execute_plugins=False)
        db.enable_wal()
        migrations.apply(db)
    except BaseException:
        connection.close()
        raise
    return db


migrations = Migrations("citebot")


@migrations()
def make_articles(db: Database) -> None:
    """Create the tables and views of the first version; `text` comes last so that lists need not read past it."""
    db.executescript(f"""
        PRAGMA application_id = {STORE.application_id};
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
    """Count the sentences that are shown without reading the articles, which takes long in a large store."""
    db.executescript("""
        CREATE INDEX open_versions_by_sentences ON versions(sentences) WHERE until IS NULL;
        PRAGMA user_version = 2;
    """)


@migrations()
def remember_sources(db: Database) -> None:
    """Remember the sources, and what each file and page was when it was last read, so that it is not read again.

    The index holds all that a load asks about the articles of a source, so that it need not read them.
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
    """Keep texts that citations quote from versions no longer shown; count what each generation holds."""
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


@migrations()
def keep_surroundings(db: Database) -> None:
    """Keep what surrounds a paragraph, and show people the headings above each sentence."""
    db.executescript("""
        CREATE TABLE surroundings (
            version INTEGER NOT NULL REFERENCES versions(row),
            paragraph INTEGER NOT NULL,
            section TEXT NOT NULL,
            intro_start INTEGER,
            intro_end INTEGER,
            header_start INTEGER,
            header_end INTEGER,
            code_start INTEGER,
            code_end INTEGER,
            PRIMARY KEY (version, paragraph)
        ) WITHOUT ROWID;
        DROP VIEW sentences;
        CREATE VIEW sentences AS
            SELECT v.id AS article, s.position, s.paragraph, s.start, s."end", s.kind,
                coalesce(replace(a.section, char(10), ' > '), '') AS section,
                substr(v.text, s.start + 1, s."end" - s.start) AS text
            FROM versions AS v JOIN current_generation AS c JOIN spans AS s ON s.version = v.row
                LEFT JOIN surroundings AS a ON a.version = s.version AND a.paragraph = s.paragraph
            WHERE v.since <= c.generation AND (v.until IS NULL OR v.until > c.generation)
            ORDER BY v.id, s.position;
        PRAGMA user_version = 5;
    """)


@migrations()
def keep_originals(db: Database) -> None:
    """Keep the markup that a text was made from, compressed, and what of the text is unbroken, as JSON.

    They come last, so that nothing else need read past them.
    """
    db.executescript("""
        ALTER TABLE versions ADD COLUMN unbroken TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE versions ADD COLUMN original BLOB;
        PRAGMA user_version = 6;
    """)


@migrations()
def index_scopes(db: Database) -> None:
    """Hold what filters ask about in one index, so that they read no article."""
    for name, made in SCOPE_COLUMNS.items():
        db.execute(f"ALTER TABLE versions ADD COLUMN {name} TEXT GENERATED ALWAYS AS ({made}) VIRTUAL")
    columns = ", ".join(SCOPE_COLUMNS)
    db.executescript(f"""
        CREATE INDEX versions_by_scope ON versions(since, until, id, origin, {columns});
        PRAGMA user_version = 7;
    """)


@migrations()
def keep_checksums(db: Database) -> None:
    """Keep a checksum of each text."""
    db.conn.create_function("checksum", 1, checksum, deterministic=True)
    db.executescript("""
        CREATE TABLE checksums (version INTEGER PRIMARY KEY REFERENCES versions(row), crc INTEGER NOT NULL);
        INSERT INTO checksums SELECT row, checksum(CAST(text AS BLOB)) FROM versions;
        PRAGMA user_version = 8;
    """)


@migrations()
def note_rollbacks(db: Database) -> None:
    """Note of each rollback which generation's articles it shows again; a rollback to a rollback counts as one to that."""
    db.execute("ALTER TABLE generations ADD COLUMN restores INTEGER REFERENCES generations(id)")
    beginning = "back to generation "
    query = "SELECT id, CAST(substr(note, ?) AS INTEGER) FROM generations WHERE note LIKE ? ORDER BY id"
    restores: dict[int, int] = {}
    for number, target in db.execute(query, [len(beginning) + 1, f"{beginning}%"]).fetchall():
        restores[number] = restores.get(target, target)
    with db.atomic():
        for number, target in restores.items():
            db.execute("UPDATE generations SET restores = ? WHERE id = ?", [target, number])
    db.execute("PRAGMA user_version = 9")


@migrations()
def put_sources_into_sets(db: Database) -> None:
    """Let sources belong to sets of articles, by name; "" is none."""
    db.executescript("""
        ALTER TABLE sources ADD COLUMN set_name TEXT NOT NULL DEFAULT '';
        PRAGMA user_version = 10;
    """)
