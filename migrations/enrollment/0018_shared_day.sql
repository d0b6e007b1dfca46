-- Who is an adult is judged by the day of package ofage here as well.

-- +goose Up

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION enrollment.email_shared(member uuid) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM enrollment.members m
        JOIN enrollment.members o ON o.email <> '' AND lower(o.email) = lower(m.email) AND o.member_id <> m.member_id
        WHERE m.member_id = member
          AND o.birth_date <= (enrollment.day_of(clock.now()) - interval '18 years')::date
          AND NOT (o.birth_date = m.birth_date AND o.name_search = m.name_search)
          AND NOT (m.is_subscriber AND o.subscriber_member_id IS NOT DISTINCT FROM m.member_id)
    ) OR EXISTS (
        SELECT FROM enrollment.members m
        JOIN (
            SELECT account_id, patient_id FROM enrollment.acts_for WHERE relation = 'guardian'
            UNION ALL
            SELECT account_id, patient_id FROM enrollment.acts_for_ended WHERE relation = 'guardian'
        ) g ON g.patient_id = m.patient_id
        JOIN enrollment.acts_for s ON s.account_id = g.account_id AND s.relation = 'self'
        JOIN enrollment.contact_points c ON c.patient_id = s.patient_id AND c.kind = 'email' AND lower(c.value) = lower(m.email)
        WHERE m.member_id = member
    )
$$;
-- +goose StatementEnd
