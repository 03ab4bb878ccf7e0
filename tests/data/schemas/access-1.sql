CREATE TABLE account (
        name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, pin TEXT, pin_failures INTEGER NOT NULL,
        is_disabled INTEGER NOT NULL, created_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
CREATE TABLE login (
        key TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account, began_utc_ms INTEGER NOT NULL,
        seen_utc_ms INTEGER NOT NULL, emergency_until_utc_ms INTEGER, emergency_why TEXT
    ) STRICT, WITHOUT ROWID;
CREATE TABLE token (
        name TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, role TEXT NOT NULL, created_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
CREATE TABLE device (
        name TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, room TEXT NOT NULL,
        sees_names INTEGER NOT NULL, created_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
CREATE TABLE first_link (
        id INTEGER PRIMARY KEY CHECK (id = 1), key TEXT NOT NULL, until_utc_ms INTEGER NOT NULL
    ) STRICT;
CREATE TABLE audit (
        seq INTEGER PRIMARY KEY, utc_ms INTEGER NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL, via TEXT NOT NULL,
        address TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
        previous TEXT NOT NULL, hash TEXT NOT NULL
    ) STRICT;
INSERT INTO audit VALUES (1, 1795343690990, 'demo', 'admin', 'open', '127.0.0.1', 'start_class', '', '', '0000000000000000000000000000000000000000000000000000000000000000', '4f7a60aeef1091e142bf8e3776e1d9bd8b74a8a0fc58bfb0354c6ac2d361036f');
CREATE TABLE audit_head (
        id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL, hash TEXT NOT NULL
    ) STRICT;
INSERT INTO audit_head VALUES (1, 1, '4f7a60aeef1091e142bf8e3776e1d9bd8b74a8a0fc58bfb0354c6ac2d361036f');
PRAGMA user_version = 1;
