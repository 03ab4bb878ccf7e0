CREATE TABLE command (
    place INTEGER PRIMARY KEY, -- in the order in which they were given
    id TEXT NOT NULL UNIQUE,
    payload BLOB NOT NULL
);
INSERT INTO command VALUES (1, 'c1', X'7B7D');
PRAGMA user_version = 1;
