package e2e

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// scene is what there is to look at in a portal that is furnished.
type scene struct {
	patient, member, roster string
	visit                   string // of the patient, booked on the phone
	letter                  string // the code of one that was printed
	printed                 string // the path of the letters
	identity                string // the path of a case about who somebody is
	links                   map[string]string
	invited                 map[string]string // by language: the link of who will work here
}

// furnish gives a portal one of everything that has a page: through the forms
// that people use, but for a pair of patients who are one human.
func (p *portal) furnish() scene {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 3*time.Minute)
	defer cancel()
	p.run("roster", "import", "--payer", "Larkspur Health Plan", demoRoster)
	p.run("roster", "payer", "--name", "Sample Payer", "--id", "555000111")
	p.run("roster", "import", "--test", "--payer", "Sample Payer", ownSample)
	s := scene{links: map[string]string{}, invited: map[string]string{}}
	p.db.Query(p.t, `SELECT patient_id::text FROM enrollment.patients WHERE given_name ILIKE 'rosa'`, &s.patient)
	p.db.Query(p.t, `SELECT member_id::text FROM enrollment.members WHERE given_name ILIKE 'margaret' AND family_name ILIKE 'okonkwo'`, &s.member)
	p.db.Query(p.t, `SELECT import_id::text FROM enrollment.imports WHERE rejected > 0 LIMIT 1`, &s.roster)
	p.family(ctx, &s)
	p.office(ctx, &s)
	p.coworkers(ctx, &s)
	p.db.Exec(p.t, `WITH twin AS (
		INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
			SELECT gen_random_uuid(), upper(given_name), family_name, birth_date, 'en', 'patient' FROM enrollment.patients RETURNING patient_id)
		INSERT INTO enrollment.duplicate_queue (patient_id) SELECT patient_id FROM twin ON CONFLICT DO NOTHING`)
	staff := p.as(ctx, "staff")
	for !strings.Contains(p.must(staff.get(ctx, "/staff/duplicates")).body, `href="/staff/duplicates/`) {
		select {
		case <-ctx.Done():
			p.t.Fatal("nobody finds the pair")
		case <-time.After(100 * time.Millisecond):
		}
	}
	return s
}

// as is somebody of the demo without a window.
func (p *portal) as(ctx context.Context, role string) *visitor {
	p.t.Helper()
	v := newVisitor(p.base, "en")
	p.must(v.post(ctx, "/demo/"+role, nil))
	return v
}

func (p *portal) must(a answer, err error) answer {
	p.t.Helper()
	if err != nil || a.status >= http.StatusBadRequest {
		p.t.Fatalf("answered %d, %v\n%s", a.status, err, wrong.FindString(a.body))
	}
	return a
}

// led is where a form leads.
func (p *portal) led(location string, err error) string {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	return location
}

// family has Rosa act for one child, ask for another, ask somebody for help and
// forget her password.
func (p *portal) family(ctx context.Context, s *scene) {
	p.t.Helper()
	v := p.as(ctx, "patient")
	child := url.Values{
		"given_name": {"Mateo"}, "family_name": {"Delgado"}, "birth_date_month": {"9"}, "birth_date_day": {"3"}, "birth_date_year": {"2014"},
		"member_no": {"TW 7000001"}, "attest": {"yes"},
	}
	p.led(v.fill(ctx, "/people/child", "/people/child", child))
	child["given_name"] = []string{"Ottilie"} // the roster has another name
	p.led(v.fill(ctx, "/people/child", "/people/child", child))
	const helper = "helper@elsewhere.test"
	p.led(v.fill(ctx, "/people/invite", "/people/invite", url.Values{"email": {helper}}))
	p.link(s, helper, "/people/accept/")
	p.led(v.fill(ctx, "/sign-in/forgotten", "/sign-in/forgotten", url.Values{"email": {rosa}}))
	p.link(s, rosa, "/sign-in/reset/")
}

// link keeps the path of a link that is mailed to somebody.
func (p *portal) link(s *scene, to, below string) string {
	p.t.Helper()
	path := strings.TrimPrefix(p.linkTo(to, below, below), p.base)
	s.links[below] = path
	return path
}

var printPath = regexp.MustCompile(`/staff/letters/[0-9a-f-]+/print`)

// office has staff invite somebody, print a letter, book for a caller, and look
// at a case.
func (p *portal) office(ctx context.Context, s *scene) {
	p.t.Helper()
	v := p.as(ctx, "staff")
	member := "/staff/members/" + s.member
	p.led(v.fill(ctx, member, member+"/invitation", nil))
	p.link(s, margaret, "/activate/")

	var payer string
	p.db.Query(p.t, `SELECT payer_id::text FROM enrollment.payers WHERE name = 'Sample Payer'`, &payer)
	p.led(v.fill(ctx, "/staff/letters", "/staff/letters", url.Values{"payer": {payer}}))
	s.printed = printPath.FindString(p.must(v.get(ctx, "/staff/letters")).body)
	s.letter = letterCode.FindString(p.must(v.get(ctx, s.printed)).body)
	if s.letter == "" {
		p.t.Fatal("no letter is printed")
	}

	var gone string
	p.db.Query(p.t, `SELECT email FROM enrollment.members WHERE email <> '' AND member_id <> '`+s.member+`' LIMIT 1`, &gone)
	p.led(v.fill(ctx, "/staff/invitations/undeliverable", "/staff/invitations/undeliverable", url.Values{"email": {gone}}))

	if err := s.onThePhone(ctx, v, 8, 0); err != nil {
		p.t.Fatal(err)
	}
	check := "/staff/patients/" + s.patient + "/book/check"
	visit := p.led(v.fill(ctx, check, check, url.Values{"said": {"yes"}}))
	s.visit = visit[strings.LastIndex(visit, "/")+1:]

	patient := "/staff/patients/" + s.patient
	s.identity = p.led(v.fill(ctx, patient, patient+"/mailbox", nil))
	p.led(v.fill(ctx, s.identity, s.identity+"/check", nil))
	const found = "rosa.found@demo.test"
	p.led(v.fill(ctx, s.identity, s.identity+"/address", url.Values{"email": {found}}))
	p.link(s, found, "/sign-in/new-address/")
}

// coworkers has an administrator invite somebody for each language who will
// work everywhere.
func (p *portal) coworkers(ctx context.Context, s *scene) {
	p.t.Helper()
	v := p.as(ctx, "admin")
	for i, lang := range []string{"en-US", "es"} {
		var npi string
		p.db.Query(p.t, `SELECT npi FROM licensing.physicians WHERE account_id IS NULL ORDER BY npi OFFSET `+string(rune('0'+i))+` LIMIT 1`, &npi)
		address := "newcomer-" + lang + "@demo.test"
		p.led(v.fill(ctx, "/admin/people/new", "/admin/people/new", url.Values{
			"email": {address}, "npi": {npi}, "role_physician": {"yes"}, "role_staff": {"yes"}, "role_licensing": {"yes"}, "role_admin": {"yes"},
		}))
		s.invited[lang] = strings.TrimPrefix(p.linkTo(address, "/sign-in/invited/", "/sign-in/invited/"), p.base)
	}
}
