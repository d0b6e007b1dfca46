-- A member who no longer looks like their patient is reported once. Whoever typed details that a roster has changed
-- since has a case of their own, beside others about the same member.

-- +goose Up
DROP INDEX enrollment.activation_cases_details;
CREATE UNIQUE INDEX activation_cases_details ON enrollment.activation_cases (member_id)
    WHERE reason = 'details_differ' AND closed_at IS NULL AND activation_id IS NULL;
