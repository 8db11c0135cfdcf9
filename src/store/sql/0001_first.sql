-- Schema 1. Released: never edited, only followed by the next number.
--
-- Times are whole microseconds since 1970 UTC. Statuses, causes, kinds and states are the words of the outputs.
-- SHA-256 are 32 bytes. Unsigned numbers of the operating system (device, inode, size) are stored bit for bit.
-- JSON stands only where a value is nested and rarely read; NULL there means empty.

-- "bkm1": tells our file from any other SQLite file.
PRAGMA application_id = 0x626b6d31;

-- One row: what the state says of itself.
CREATE TABLE meta (
    one               INTEGER PRIMARY KEY CHECK (one = 1),
    created_at        INTEGER NOT NULL,
    fixed_clock       INTEGER NOT NULL,
    last_check_at     INTEGER,
    last_heartbeat_at INTEGER
) STRICT;

CREATE TABLE scans (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

-- The number, and not the name, is what other tables hold: a rename is then one row.
CREATE TABLE agents (
    num              INTEGER PRIMARY KEY,
    id               TEXT NOT NULL UNIQUE,
    root             BLOB NOT NULL,
    first_seen       INTEGER NOT NULL,
    last_report_at   INTEGER,
    log_mtime        INTEGER,
    dumps            BLOB,
    dumps_changed_at INTEGER
) STRICT;

CREATE TABLE reports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    agent       INTEGER NOT NULL REFERENCES agents (num),
    file        TEXT NOT NULL,
    content     BLOB,
    device      INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    mtime       INTEGER NOT NULL,
    ctime       INTEGER NOT NULL,
    first_seen  INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT
) STRICT;

-- A report is one row per agent, file, content and mtime (without an own time, the same words at another time are another
-- report); also finds all reports of an agent whose log changed.
CREATE UNIQUE INDEX reports_by_agent ON reports (agent, file, content, mtime);
-- Each scan asks for the few open reports among years of judged ones.
CREATE INDEX reports_open ON reports (received_at) WHERE state = 'open';

CREATE TABLE jobs (
    num                 INTEGER PRIMARY KEY,
    id                  TEXT NOT NULL UNIQUE,
    agent               TEXT NOT NULL,
    database            TEXT NOT NULL,
    company             TEXT,
    city                TEXT,
    neighborhood        TEXT,
    year                INTEGER,
    settings            TEXT,
    added_at            INTEGER NOT NULL,
    schedule_changed_at INTEGER NOT NULL,
    schedule_seen       TEXT NOT NULL,
    on_trial            INTEGER NOT NULL,
    retired_at          INTEGER,
    ignored             INTEGER NOT NULL,
    pauses              TEXT,
    status              TEXT NOT NULL,
    cause               TEXT,
    message             TEXT,
    warnings            TEXT,
    since               INTEGER NOT NULL,
    newest_time         INTEGER,
    newest_own          INTEGER,
    newest_file         TEXT,
    covered_by          INTEGER,
    missed_through      INTEGER,
    judged_report       INTEGER,
    judged_cause        TEXT,
    waiting             TEXT,
    staged_file         TEXT,
    staged_device       INTEGER,
    staged_inode        INTEGER,
    staged_size         INTEGER,
    staged_mtime        INTEGER,
    staged_ctime        INTEGER,
    staged_sha256       BLOB,
    staged_kind         TEXT,
    staged_content      BLOB,
    staged_content_size INTEGER,
    staged_layer        TEXT,
    last_success_at     INTEGER,
    last_report_at      INTEGER,
    last_change_at      INTEGER,
    last_verified_at    INTEGER,
    good_sha256         BLOB,
    good_size           INTEGER,
    good_content_size   INTEGER,
    good_report_time    INTEGER,
    -- 0: its report is not known, as of a version that was adopted from the disk.
    good_report         INTEGER,
    good_file           TEXT,
    good_version        TEXT,
    current_version     TEXT,
    held                INTEGER NOT NULL,
    trial_days          TEXT,
    outrun              TEXT,
    -- CRC-32 of id to outrun: a bit that flips in them is seen.
    sum                 INTEGER NOT NULL,
    UNIQUE (agent, database)
) STRICT;

-- What is found inside staged files: a few words, which millions of entries would repeat.
CREATE TABLE kinds (
    num  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE entries (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    job              INTEGER NOT NULL REFERENCES jobs (num),
    status           TEXT,
    cause            TEXT,
    message          TEXT NOT NULL,
    warnings         TEXT,
    -- NULL where it is the name of the report `report_id`: millions of rows would repeat it.
    report           TEXT,
    report_id        INTEGER REFERENCES reports (id),
    report_time      INTEGER,
    judged_at        INTEGER NOT NULL,
    cycle            INTEGER,
    sha256           BLOB,
    size_bytes       INTEGER,
    reported_size    INTEGER,
    -- 32 bytes where the agent wrote 64 lower-case hex digits, else its text.
    reported_sha256  ANY,
    superseded       INTEGER NOT NULL,
    version          TEXT,
    backup_seconds   INTEGER,
    compress_seconds INTEGER,
    transfer_seconds INTEGER,
    content_bytes    INTEGER,
    kind             INTEGER REFERENCES kinds (num),
    hold             TEXT
) STRICT;

-- A job's page, its newest entries, and whether bytes were judged before.
CREATE INDEX entries_by_job ON entries (job, judged_at);
-- The history of all jobs since a time, and what is old enough to be pruned.
CREATE INDEX entries_by_time ON entries (judged_at);
-- Which jobs of an open report are judged.
CREATE INDEX entries_by_report ON entries (report_id) WHERE report_id IS NOT NULL;

-- The key is also how the versions of one job are found.
CREATE TABLE versions (
    job           INTEGER NOT NULL REFERENCES jobs (num),
    name          TEXT NOT NULL,
    file_name     TEXT NOT NULL,
    report_time   INTEGER NOT NULL,
    promoted_at   INTEGER NOT NULL,
    sha256        BLOB NOT NULL,
    size_bytes    INTEGER NOT NULL,
    content_bytes INTEGER,
    warnings      TEXT,
    pinned        INTEGER NOT NULL,
    held          INTEGER NOT NULL,
    damaged       INTEGER NOT NULL,
    verified_at   INTEGER NOT NULL,
    PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;

-- What all versions come to and how much came lately, without a look at each.
CREATE INDEX versions_by_promotion ON versions (promoted_at, size_bytes);

CREATE TABLE incidents (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    agent       TEXT,
    job         INTEGER REFERENCES jobs (num),
    database    TEXT,
    severity    TEXT NOT NULL,
    cause       TEXT,
    message     TEXT NOT NULL,
    opened_at   INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    resolved_at INTEGER,
    ack_who     TEXT,
    ack_why     TEXT,
    ack_at      INTEGER,
    ack_until   INTEGER
) STRICT;

-- Two open incidents never share a subject; finds the one that a change is about, and all open ones.
CREATE UNIQUE INDEX incidents_open ON incidents (kind, ifnull(agent, ''), ifnull(job, 0)) WHERE resolved_at IS NULL;
-- Those resolved lately are shown; those resolved long ago are pruned.
CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE mails (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient       TEXT NOT NULL,
    kind            TEXT NOT NULL,
    message_id      TEXT NOT NULL UNIQUE,
    -- Emptied once the server has accepted it: nothing sends it again.
    bytes           BLOB NOT NULL,
    created_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    last_error      TEXT,
    sent_at         INTEGER
) STRICT;

-- The outbox: the few that wait among all that were sent.
CREATE INDEX mails_waiting ON mails (id) WHERE sent_at IS NULL;
-- When a recipient last got a mail of a kind, and what is old enough to be pruned.
CREATE INDEX mails_sent ON mails (recipient, kind, sent_at) WHERE sent_at IS NOT NULL;

CREATE TABLE mail_items (
    mail     INTEGER NOT NULL REFERENCES mails (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    incident INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    news     TEXT NOT NULL,
    cause    TEXT,
    PRIMARY KEY (mail, position)
) STRICT, WITHOUT ROWID;

-- Which mails told of an incident.
CREATE INDEX mail_items_by_incident ON mail_items (incident);

-- The newest that a recipient has been told of an incident.
CREATE TABLE told (
    recipient TEXT NOT NULL,
    incident  INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    cause     TEXT,
    resolved  INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (recipient, incident)
) STRICT, WITHOUT ROWID;

-- What a recipient still waits to be told as resolved, among all that was ever told.
CREATE INDEX told_open ON told (recipient) WHERE resolved = 0;
-- Which recipients still wait for the end of an incident, before it is pruned.
CREATE INDEX told_by_incident ON told (incident);

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    who    TEXT NOT NULL,
    what   TEXT NOT NULL,
    target TEXT NOT NULL,
    why    TEXT
) STRICT;

-- A random number per job, another one after every change of what its page shows: an unchanged page need not be made
-- again. It is random, and no count, so that a state that was put back to an earlier copy never comes to the same number
-- with another content. Made by triggers, so that no change can forget it.
CREATE TABLE stamps (
    job   INTEGER PRIMARY KEY,
    stamp INTEGER NOT NULL
) STRICT;

CREATE TRIGGER job_added AFTER INSERT ON jobs BEGIN
    INSERT INTO stamps VALUES (new.num, random()) ON CONFLICT (job) DO UPDATE SET stamp = excluded.stamp;
END;
CREATE TRIGGER job_changed AFTER UPDATE ON jobs BEGIN
    UPDATE stamps SET stamp = random() WHERE job = new.num;
END;
CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
    UPDATE stamps SET stamp = random() WHERE job = new.job;
END;
CREATE TRIGGER entry_changed AFTER UPDATE ON entries BEGIN
    UPDATE stamps SET stamp = random() WHERE job = new.job;
END;
CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN
    UPDATE stamps SET stamp = random() WHERE job = old.job;
END;
CREATE TRIGGER version_added AFTER INSERT ON versions BEGIN
    UPDATE stamps SET stamp = random() WHERE job = new.job;
END;
CREATE TRIGGER version_changed AFTER UPDATE ON versions BEGIN
    UPDATE stamps SET stamp = random() WHERE job = new.job;
END;
CREATE TRIGGER version_removed AFTER DELETE ON versions BEGIN
    UPDATE stamps SET stamp = random() WHERE job = old.job;
END;
CREATE TRIGGER incident_added AFTER INSERT ON incidents BEGIN
    UPDATE stamps SET stamp = random() WHERE job = new.job;
END;
CREATE TRIGGER incident_changed AFTER UPDATE ON incidents BEGIN
    UPDATE stamps SET stamp = random() WHERE job = new.job;
END;
CREATE TRIGGER incident_removed AFTER DELETE ON incidents BEGIN
    UPDATE stamps SET stamp = random() WHERE job = old.job;
END;
CREATE TRIGGER mail_item_added AFTER INSERT ON mail_items BEGIN
    UPDATE stamps SET stamp = random() WHERE job = (SELECT job FROM incidents WHERE id = new.incident);
END;
CREATE TRIGGER mail_item_removed AFTER DELETE ON mail_items BEGIN
    UPDATE stamps SET stamp = random() WHERE job = (SELECT job FROM incidents WHERE id = old.incident);
END;
CREATE TRIGGER mail_changed AFTER UPDATE OF sent_at, last_error ON mails BEGIN
    UPDATE stamps SET stamp = random() WHERE job IN (
        SELECT i.job FROM mail_items AS m JOIN incidents AS i ON i.id = m.incident WHERE m.mail = new.id);
END;
