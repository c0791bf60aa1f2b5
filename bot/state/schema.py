"""The tables of CITEBOT_STATE. To change them, add a tuple of statements at the end of MIGRATIONS."""

APPLICATION_ID = 0x43495453  # "CITS"
INBOX, BACKUPS = 2, 10  # the versions of the schema that brought these tables

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        """CREATE TABLE questions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            channel TEXT NOT NULL CHECK (channel IN ('telegram', 'console')),
            user BLOB,
            chat BLOB,
            language TEXT NOT NULL,
            question TEXT NOT NULL
        )""",
        "CREATE INDEX questions_by_time ON questions(at)",
        """CREATE TABLE answers (
            id TEXT PRIMARY KEY,
            question INTEGER NOT NULL REFERENCES questions(id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            generation INTEGER NOT NULL,
            answered INTEGER NOT NULL,
            confidence REAL NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX answers_by_question ON answers(question)",
        """CREATE TABLE citations (
            answer TEXT NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
            rank INTEGER NOT NULL,
            article TEXT NOT NULL,
            version INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            text TEXT NOT NULL,
            lead_start INTEGER,
            lead_end INTEGER,
            lead TEXT,
            PRIMARY KEY (answer, rank)
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE inbox (
            update_id INTEGER PRIMARY KEY,
            received REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dead')),
            tries INTEGER NOT NULL DEFAULT 0,
            reason TEXT,
            at REAL,
            json TEXT
        )""",
        "CREATE INDEX inbox_settled ON inbox(state, at) WHERE at IS NOT NULL",
        "CREATE TABLE blocked (chat BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
    ),
    (
        """CREATE TABLE offers (
            token TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            owner INTEGER NOT NULL,
            made REAL NOT NULL,
            details TEXT NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE votes (
            answer TEXT NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
            user BLOB NOT NULL,
            up INTEGER NOT NULL CHECK (up IN (0, 1)),
            at TEXT NOT NULL,
            PRIMARY KEY (answer, user)
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE contexts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at REAL NOT NULL,
            chat BLOB NOT NULL,
            talk BLOB NOT NULL,
            message INTEGER,
            context TEXT
        )""",
        "CREATE INDEX contexts_by_talk ON contexts(talk, id)",
        "CREATE INDEX contexts_by_message ON contexts(chat, message)",
        "CREATE INDEX contexts_by_time ON contexts(at)",
    ),
    ("ALTER TABLE answers ADD COLUMN undelivered TEXT",),  # why Telegram did not take it
    (
        """CREATE TABLE groups (
            chat BLOB PRIMARY KEY,
            was BLOB,
            listens INTEGER NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE VIEW asked AS
            SELECT q.at, q.channel, q.question, q.language, a.answered, a.confidence, c.article, c.text AS quote,
                a.id AS answer, (SELECT count(*) FROM votes WHERE answer = a.id AND up) AS helpful,
                (SELECT count(*) FROM votes WHERE answer = a.id AND NOT up) AS unhelpful, a.undelivered
            FROM questions AS q JOIN answers AS a ON a.question = q.id
                LEFT JOIN citations AS c ON c.answer = a.id AND c.rank = 1
            ORDER BY q.id DESC""",  # for people who open the file in an SQLite tool; nothing here reads it
    ),
    ("ALTER TABLE votes ADD COLUMN reason TEXT",),  # what was wrong with the answer
    ("CREATE TABLE backups (file TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID",),
    (
        "ALTER TABLE answers ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0",  # an editor took it off the gaps
        """CREATE TABLE watches (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            chat INTEGER NOT NULL,
            language TEXT NOT NULL,
            question TEXT NOT NULL,
            article TEXT,
            quote TEXT,
            once INTEGER NOT NULL CHECK (once IN (0, 1)),
            at TEXT NOT NULL,
            UNIQUE (chat, question)
        )""",
    ),
    ("CREATE TABLE digests (chat INTEGER PRIMARY KEY, due REAL NOT NULL)",),
    (
        """CREATE TABLE judgements (
            answer TEXT PRIMARY KEY REFERENCES answers(id) ON DELETE CASCADE,
            verdict TEXT NOT NULL CHECK (verdict IN ('right', 'wrong', 'nothing', 'skipped')),
            at TEXT NOT NULL
        ) WITHOUT ROWID""",
    ),
    ("ALTER TABLE answers ADD COLUMN milliseconds REAL",),  # that the answer took
    (
        """CREATE TABLE roles (
            id INTEGER PRIMARY KEY,
            role TEXT NOT NULL CHECK (role IN ('reader', 'editor', 'blocked')),
            at TEXT NOT NULL,
            CHECK (id > 0 OR role <> 'editor')
        )""",
        """CREATE TABLE role_changes (
            number INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            id INTEGER,
            role TEXT,
            admin INTEGER
        )""",
    ),
    (
        """CREATE TABLE chat_sets (
            chat INTEGER PRIMARY KEY,
            sets TEXT NOT NULL CHECK (sets <> ''),
            at TEXT NOT NULL,
            admin INTEGER
        )""",
        "ALTER TABLE questions ADD COLUMN sets TEXT NOT NULL DEFAULT ''",  # that the chat was bound to; '' = to none
    ),
    ("ALTER TABLE answers ADD COLUMN notice INTEGER NOT NULL DEFAULT 0",),  # nobody asked: somebody was told of it
)
"""The statements that lead from one version of the schema to the next; the version is their number."""
