-- Payers, their rosters, and what became of them: members and coverages.

-- +goose Up
CREATE TABLE enrollment.payers (
    payer_id            uuid        NOT NULL PRIMARY KEY,
    name                text        NOT NULL CHECK (length(name) BETWEEN 2 AND 200),
    -- What the payer calls itself in N1*IN: a file that names none of these is
    -- not this payer's.
    identifiers         text[]      NOT NULL CHECK (cardinality(identifiers) BETWEEN 1 AND 50),
    -- Where the subscriber's number stands when a record has no REF*0F.
    member_id_qualifier text        NOT NULL DEFAULT 'WH' CHECK (member_id_qualifier ~ '^[0-9A-Z]{0,3}$'),
    -- Where a person's own number stands: NM1 (NM109 under qualifier ZZ), a
    -- REF qualifier, or nothing.
    own_id_qualifier    text        NOT NULL DEFAULT 'NM1' CHECK (own_id_qualifier ~ '^[0-9A-Z]{0,3}$'),
    -- Some senders cannot count: then a wrong count is a warning.
    accept_wrong_counts boolean     NOT NULL DEFAULT false,
    created_at          timestamptz NOT NULL DEFAULT clock.now()
);
CREATE UNIQUE INDEX payers_name ON enrollment.payers (lower(name));

-- A member is one person on one payer's roster. A patient may be several
-- members, or none.
CREATE TABLE enrollment.members (
    member_id            uuid        NOT NULL PRIMARY KEY,
    payer_id             uuid        NOT NULL REFERENCES enrollment.payers,
    -- The subscriber's number, which the whole family shares.
    subscriber_no        text        NOT NULL CHECK (length(subscriber_no) BETWEEN 1 AND 50),
    own_no               text        CHECK (length(own_no) BETWEEN 1 AND 80),
    -- Who it is within the family: the own number, else first name and birth
    -- date.
    person_key           text        NOT NULL CHECK (length(person_key) BETWEEN 3 AND 200),
    is_subscriber        boolean     NOT NULL,
    subscriber_member_id uuid        REFERENCES enrollment.members,
    -- INS02: 18 self, 01 spouse, 19 child, ...
    relationship         text        NOT NULL CHECK (relationship ~ '^[0-9A-Z]{2}$'),
    given_name           text        NOT NULL CHECK (length(given_name) BETWEEN 1 AND 100),
    middle_name          text        NOT NULL DEFAULT '',
    family_name          text        NOT NULL CHECK (length(family_name) BETWEEN 1 AND 100),
    -- Upper case, accents and punctuation folded away (names.Fold).
    given_search         text        NOT NULL,
    family_search        text        NOT NULL,
    -- family_search, a space, given_search.
    name_search          text        NOT NULL,
    birth_date           date        NOT NULL,
    gender               text        NOT NULL DEFAULT '' CHECK (gender IN ('', 'F', 'M', 'U')),
    email                text        NOT NULL DEFAULT '',
    phone                text        NOT NULL DEFAULT '',
    -- en, es, or another ISO 639 code; empty when the roster does not say.
    language             text        NOT NULL DEFAULT '',
    address1             text        NOT NULL DEFAULT '',
    address2             text        NOT NULL DEFAULT '',
    city                 text        NOT NULL DEFAULT '',
    state                text        NOT NULL DEFAULT '',
    zip                  text        NOT NULL DEFAULT '',
    group_no             text        NOT NULL DEFAULT '',
    -- Keyed hash only; the number itself is never stored.
    ssn_hash             bytea       CHECK (length(ssn_hash) = 32),
    version              bigint      NOT NULL CHECK (version > 0),
    patient_id           uuid,
    invited_at           timestamptz,
    created_at           timestamptz NOT NULL DEFAULT clock.now(),
    updated_at           timestamptz NOT NULL DEFAULT clock.now(),
    -- Checked at commit: one file may let two people change places.
    CONSTRAINT members_person UNIQUE (payer_id, subscriber_no, person_key) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT members_family CHECK (is_subscriber = (subscriber_member_id IS NULL))
);
-- One subscriber a number: else a dependent could land in the wrong family.
CREATE UNIQUE INDEX members_one_subscriber ON enrollment.members (payer_id, subscriber_no) WHERE is_subscriber;
CREATE INDEX members_by_own_no ON enrollment.members (payer_id, own_no) WHERE own_no IS NOT NULL;
CREATE INDEX members_by_family ON enrollment.members (subscriber_member_id) WHERE subscriber_member_id IS NOT NULL;
CREATE INDEX members_by_patient ON enrollment.members (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX members_by_name ON enrollment.members (family_search, birth_date);

CREATE TABLE enrollment.coverages (
    coverage_id uuid        NOT NULL PRIMARY KEY,
    member_id   uuid        NOT NULL REFERENCES enrollment.members,
    -- HD03: HLT, HMO, PPO, POS, EPO, DEN, VIS, ...
    line        text        NOT NULL CHECK (line ~ '^[0-9A-Z]{2,3}$'),
    -- HD04; may be empty.
    plan        text        NOT NULL DEFAULT '',
    -- HD05: EMP, ESP, FAM, ...; may be empty.
    level       text        NOT NULL DEFAULT '',
    group_no    text        NOT NULL DEFAULT '',
    starts      date        NOT NULL,
    -- The last covered day; null while open.
    ends        date,
    -- Ended before it began: it never was.
    voided      boolean     NOT NULL DEFAULT false,
    version     bigint      NOT NULL CHECK (version > 0),
    updated_at  timestamptz NOT NULL DEFAULT clock.now(),
    CONSTRAINT coverages_span CHECK (voided OR ends IS NULL OR ends >= starts),
    -- Nobody has the same plan twice on one day. Checked at commit: one record
    -- may shorten a span and begin the next.
    CONSTRAINT coverages_once EXCLUDE USING gist
        (member_id WITH =, line WITH =, plan WITH =, daterange(starts, ends, '[]') WITH &&)
        WHERE (NOT voided) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX coverages_by_member ON enrollment.coverages (member_id);

-- One row a change of a member or of its coverages: what changed, from what,
-- by which file.
CREATE TABLE enrollment.member_versions (
    member_id   uuid        NOT NULL REFERENCES enrollment.members,
    version     bigint      NOT NULL CHECK (version > 0),
    import_id   uuid        NOT NULL,
    -- added | changed | ended
    action      text        NOT NULL CHECK (action IN ('added', 'changed', 'ended')),
    changed     text[]      NOT NULL,
    before      jsonb       NOT NULL DEFAULT '{}',
    at          timestamptz NOT NULL DEFAULT clock.now(),
    PRIMARY KEY (member_id, version)
);
CREATE INDEX member_versions_by_import ON enrollment.member_versions (import_id, member_id);

-- A file on its way in by the staff page, kept until it has been imported.
CREATE TABLE enrollment.uploads (
    upload_id  uuid        NOT NULL PRIMARY KEY,
    payer_id   uuid        NOT NULL REFERENCES enrollment.payers,
    account_id uuid        NOT NULL,
    file_name  text        NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
    size       bigint      NOT NULL CHECK (size BETWEEN 1 AND 536870912),
    import_id  uuid        UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock.now()
);
CREATE INDEX uploads_by_age ON enrollment.uploads (created_at);
CREATE TABLE enrollment.upload_chunks (
    upload_id uuid  NOT NULL REFERENCES enrollment.uploads ON DELETE CASCADE,
    number    int   NOT NULL CHECK (number >= 0),
    data      bytea NOT NULL CHECK (length(data) BETWEEN 1 AND 1048576),
    PRIMARY KEY (upload_id, number)
);
-- Rosters are compressed already, or not worth the processor's time.
ALTER TABLE enrollment.upload_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE enrollment.imports (
    import_id          uuid        NOT NULL PRIMARY KEY,
    payer_id           uuid        NOT NULL REFERENCES enrollment.payers,
    upload_id          uuid        REFERENCES enrollment.uploads ON DELETE SET NULL,
    file_name          text        NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
    accept_test        boolean     NOT NULL DEFAULT false,
    status             text        NOT NULL CHECK (status IN ('waiting', 'reading', 'checking', 'applying', 'done', 'refused', 'replayed')),
    account_id         uuid,
    session_id         uuid,
    os_user            text        NOT NULL DEFAULT '',
    actor_service      text        NOT NULL DEFAULT '',
    bytes_total        bigint      NOT NULL DEFAULT 0,
    bytes_read         bigint      NOT NULL DEFAULT 0,
    content_hash       bytea,
    members_read       bigint      NOT NULL DEFAULT 0,
    members_applied    bigint      NOT NULL DEFAULT 0,
    members_added      bigint      NOT NULL DEFAULT 0,
    members_changed    bigint      NOT NULL DEFAULT 0,
    members_ended      bigint      NOT NULL DEFAULT 0,
    members_unchanged  bigint      NOT NULL DEFAULT 0,
    coverages_added    bigint      NOT NULL DEFAULT 0,
    coverages_changed  bigint      NOT NULL DEFAULT 0,
    coverages_ended    bigint      NOT NULL DEFAULT 0,
    rejected           bigint      NOT NULL DEFAULT 0,
    held               bigint      NOT NULL DEFAULT 0,
    warnings           bigint      NOT NULL DEFAULT 0,
    findings           bigint      NOT NULL DEFAULT 0,
    -- Where checking and applying stand: subscribers are pass 0, dependents
    -- pass 1. Moved in the transaction of the work itself.
    cursor_pass        smallint    NOT NULL DEFAULT 0,
    cursor_seq         bigint      NOT NULL DEFAULT 0,
    -- Dependents carry numbers of their own: families are linked by order.
    linked_by_order    boolean     NOT NULL DEFAULT false,
    -- Who works on it, and until when that is believed.
    lease_owner        uuid,
    lease_until        timestamptz,
    -- Failed turns since the last step forward: the pause grows with them.
    attempts           int         NOT NULL DEFAULT 0,
    refusal_reason     text        NOT NULL DEFAULT '',
    refusal_message    text        NOT NULL DEFAULT '',
    refusal_segment    bigint      NOT NULL DEFAULT 0,
    refusal_segment_id text        NOT NULL DEFAULT '',
    refusal_element    text        NOT NULL DEFAULT '',
    refusal_offset     bigint      NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL DEFAULT clock.now(),
    started_at         timestamptz NOT NULL,
    finished_at        timestamptz,
    CONSTRAINT imports_actor CHECK (account_id IS NOT NULL OR os_user <> '' OR actor_service <> ''),
    CONSTRAINT imports_refusal CHECK ((status = 'refused') = (refusal_reason <> '')),
    CONSTRAINT imports_finished CHECK ((status IN ('done', 'refused', 'replayed')) = (finished_at IS NOT NULL))
);
CREATE INDEX imports_newest ON enrollment.imports (started_at DESC, import_id);
-- One at a time for a payer: files are an order of events.
CREATE UNIQUE INDEX imports_one_working ON enrollment.imports (payer_id) WHERE status IN ('reading', 'checking', 'applying');

-- Transactions that were taken in: the same number with the same content is a
-- replay, with other content an alarm.
CREATE TABLE enrollment.receipts (
    payer_id     uuid  NOT NULL REFERENCES enrollment.payers,
    sender       text  NOT NULL,
    interchange  text  NOT NULL,
    grp          text  NOT NULL,
    transaction  text  NOT NULL,
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    import_id    uuid  NOT NULL REFERENCES enrollment.imports,
    PRIMARY KEY (payer_id, sender, interchange, grp, transaction)
);

-- What was read, before anything is believed. Emptied when the import ends,
-- but for records that are held: they wait for their subscriber.
CREATE TABLE enrollment.staged_transactions (
    import_id    uuid  NOT NULL REFERENCES enrollment.imports,
    number       int   NOT NULL,
    sender       text  NOT NULL,
    interchange  text  NOT NULL,
    grp          text  NOT NULL,
    transaction  text  NOT NULL,
    content_hash bytea NOT NULL,
    replayed     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (import_id, number)
);
CREATE TABLE enrollment.staged_members (
    import_id            uuid   NOT NULL REFERENCES enrollment.imports,
    seq                  bigint NOT NULL,
    transaction_number   int    NOT NULL,
    segment              bigint NOT NULL,
    byte_offset          bigint NOT NULL,
    -- new | ready | reject | held
    state                text   NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'ready', 'reject', 'held')),
    code                 text   NOT NULL,
    pass                 smallint NOT NULL CHECK (pass IN (0, 1)),
    relationship         text   NOT NULL,
    subscriber_no        text   NOT NULL,
    own_no               text,
    given_name           text   NOT NULL,
    middle_name          text   NOT NULL,
    family_name          text   NOT NULL,
    given_search         text   NOT NULL,
    family_search        text   NOT NULL,
    birth_date           date,
    -- What to match on, where a record corrects a name or a birth date.
    match_given          text   NOT NULL,
    match_birth          date,
    gender               text   NOT NULL,
    email                text   NOT NULL,
    phone                text   NOT NULL,
    language             text   NOT NULL,
    address1             text   NOT NULL,
    address2             text   NOT NULL,
    city                 text   NOT NULL,
    state_code           text   NOT NULL,
    zip                  text   NOT NULL,
    group_no             text   NOT NULL,
    ssn_hash             bytea,
    -- INS17, for twins.
    birth_order          text   NOT NULL,
    starts               date,
    ends                 date,
    effective            date,
    -- The subscriber before it in the file, or 0: for senders who link by order.
    prior_subscriber_seq bigint NOT NULL DEFAULT 0,
    new_id               uuid   NOT NULL,
    member_id            uuid,
    subscriber_member_id uuid,
    PRIMARY KEY (import_id, seq),
    CONSTRAINT staged_members_resolved CHECK (state <> 'ready' OR member_id IS NOT NULL)
);
CREATE INDEX staged_members_family ON enrollment.staged_members (import_id, subscriber_no, seq);
CREATE INDEX staged_members_held ON enrollment.staged_members (subscriber_no) WHERE state = 'held';
CREATE TABLE enrollment.staged_coverages (
    import_id   uuid   NOT NULL REFERENCES enrollment.imports,
    seq         bigint NOT NULL,
    number      int    NOT NULL,
    segment     bigint NOT NULL,
    byte_offset bigint NOT NULL,
    code        text   NOT NULL,
    line        text   NOT NULL,
    plan        text   NOT NULL,
    level       text   NOT NULL,
    group_no    text   NOT NULL,
    starts      date,
    ends        date,
    effective   date,
    PRIMARY KEY (import_id, seq, number)
);

-- What was wrong, where, and what was done about it.
CREATE TABLE enrollment.findings (
    import_id     uuid   NOT NULL REFERENCES enrollment.imports,
    number        bigint NOT NULL,
    kind          text   NOT NULL CHECK (kind IN ('reject', 'warning', 'refusal', 'held')),
    reason        text   NOT NULL CHECK (reason ~ '^[a-z0-9_]+$'),
    message       text   NOT NULL,
    segment       bigint NOT NULL DEFAULT 0,
    segment_id    text   NOT NULL DEFAULT '',
    element       text   NOT NULL DEFAULT '',
    byte_offset   bigint NOT NULL DEFAULT 0,
    subscriber_no text   NOT NULL DEFAULT '',
    member_name   text   NOT NULL DEFAULT '',
    PRIMARY KEY (import_id, number)
);
