-- A parent who added a child by hand has vouched for that child alone. When the
-- child turns out to be one on a roster, that word does not reach further until
-- somebody has looked at papers.

-- +goose Up

-- A look at papers that name who has a right as the child's parent or guardian.
-- The right may be put aside and come back, so that its row is not referred to.
CREATE TABLE enrollment.guardian_checks (
    check_id    uuid        NOT NULL PRIMARY KEY,
    acts_for_id uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    patient_id  uuid        NOT NULL REFERENCES enrollment.patients,
    method      text        NOT NULL CHECK (method IN ('video', 'in_person', 'mail')),
    document    text        NOT NULL CHECK (document IN ('birth_certificate', 'adoption_decree', 'court_order', 'other_record')),
    checked_by  uuid        NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock.now()
);
CREATE INDEX guardian_checks_by_right ON enrollment.guardian_checks (acts_for_id);

-- Whether more than the word of who has it stands behind a guardian's right: a
-- roster's family, a decision of staff, or papers.
-- +goose StatementBegin
CREATE FUNCTION enrollment.guardian_shown("right" uuid, account uuid, patient uuid) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (SELECT FROM enrollment.guardian_requests r
                   WHERE r.account_id = account AND r.patient_id = patient AND r.state = 'approved'
                     AND (r.member_id IS NOT NULL OR r.decided_by IS NOT NULL))
        OR EXISTS (SELECT FROM enrollment.guardian_checks k WHERE k.acts_for_id = "right")
$$;
-- +goose StatementEnd

-- Puts rights aside, whole, until a merge is undone: see suspend_self.
-- +goose StatementBegin
CREATE FUNCTION enrollment.suspend_rights(merge uuid, rights uuid[]) RETURNS integer
    LANGUAGE sql
AS $$
    WITH gone AS (
        DELETE FROM enrollment.acts_for a WHERE a.acts_for_id = ANY (rights) RETURNING a.*
    ), kept AS (
        INSERT INTO enrollment.suspended_rights (merge_id, acts_for_id, was)
        SELECT merge, g.acts_for_id, to_jsonb(g) FROM gone g
        RETURNING 1
    )
    SELECT count(*)::integer FROM kept
$$;
-- +goose StatementEnd
