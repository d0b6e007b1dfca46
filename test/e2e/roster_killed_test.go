package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/mailbox"
	"github.com/bedside-health/bedside/internal/pgtest"
)

const (
	// killedImports is how many imports are killed, and importKills how often
	// each, at most.
	killedImports = 3
	importKills   = 3
	// mostImports bounds how many are killed until one was in the middle of it.
	mostImports = 12
)

// commands is a database and the settings of commands, without a portal.
func commands(t *testing.T) *portal {
	t.Helper()
	p := &portal{t: t, db: pgtest.New(t), addr: map[string]string{}, proc: map[string]*process{}}
	box, err := mailbox.Start(t.Context(), "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.box = box
	t.Cleanup(func() { _ = box.Stop(context.Background()) })
	p.settings(options{})
	return p
}

// A command that imports a roster is killed at random moments, again and again,
// and run anew. What is on file in the end is what an import made that nobody
// disturbed: the same members, coverages and versions, and the same counts.
func TestImportKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	p := commands(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	luck := rand.New(rand.NewPCG(seed, 0))
	file := filepath.Join(t.TempDir(), "roster.834")
	p.run("demo", "roster", "--members", "3000", "--seed", "11", "--out", file)
	p.run("roster", "payer", "--name", "Whole", "--id", "999000333")
	began := time.Now()
	p.run("roster", "import", "--payer", "Whole", file)
	took := time.Since(began)
	want := p.fingerprint("Whole")
	halfway := 0
	for n := 0; n < killedImports || halfway == 0 && n < mostImports; n++ {
		payer := fmt.Sprintf("Killed %d", n)
		p.run("roster", "payer", "--name", payer, "--id", "999000333")
		for kills := 0; kills < importKills && p.killedImport(payer, file, time.Duration(luck.Int64N(int64(took)))); kills++ {
			halfway += p.begun(payer)
			// The lease of somebody who is dead runs out; the test does not wait for it.
			p.db.Exec(t, `UPDATE enrollment.imports SET lease_until = clock.now() - interval '1 second' WHERE lease_until IS NOT NULL`)
			if half := p.halves(); half != 0 {
				t.Errorf("%s: %d members without their version", payer, half)
			}
		}
		if said := p.run("roster", "import", "--payer", payer, file); !strings.Contains(said, ": done") && !strings.Contains(said, "imported before") {
			t.Errorf("%s: the last import: %s", payer, said)
		}
		if got := p.fingerprint(payer); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", payer, got, want)
		}
	}
	if halfway == 0 {
		t.Errorf("of %d imports none was killed in the middle of it", mostImports)
	}
	t.Logf("%d kills were in the middle of an import", halfway)
	var left int
	p.db.Query(t, `SELECT (SELECT count(*) FROM enrollment.staged_members WHERE state <> 'held') + (SELECT count(*) FROM enrollment.staged_transactions)`, &left)
	if left != 0 {
		t.Errorf("%d rows are left in staging", left)
	}
}

// killedImport starts an import and kills it after a while; false if it was
// over before.
func (p *portal) killedImport(payer, file string, after time.Duration) bool {
	p.t.Helper()
	var said bytes.Buffer
	cmd := exec.CommandContext(p.t.Context(), program, "roster", "import", "--payer", payer, file)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, &said, &said
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			p.t.Fatalf("an import that nobody killed: %v\n%s", err, said.String())
		}
		return false
	case <-time.After(after):
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	if err := <-ended; err == nil { // it had come to its end by itself
		return false
	}
	p.t.Logf("%s: killed after %s", payer, after)
	return true
}

// begun counts a payer's imports that have begun and not ended.
func (p *portal) begun(payer string) int {
	p.t.Helper()
	var n int
	p.db.Query(p.t, `SELECT count(*) FROM enrollment.imports i JOIN enrollment.payers p USING (payer_id)
		WHERE p.name = '`+payer+`' AND i.status IN ('reading', 'checking', 'applying')`, &n)
	return n
}

// halves counts members who are not as their last version says.
func (p *portal) halves() int {
	p.t.Helper()
	var n int
	p.db.Query(p.t, `SELECT count(*) FROM enrollment.members m WHERE NOT EXISTS (
		SELECT FROM enrollment.member_versions v WHERE v.member_id = m.member_id AND v.version = m.version)`, &n)
	return n
}

// fingerprint is a hash of all that a payer's imports made, and their counts;
// ids and times, which differ, are left out.
func (p *portal) fingerprint(payer string) string {
	p.t.Helper()
	var out string
	p.db.Query(p.t, `
		WITH ours AS (
			SELECT m.*, s.given_search AS of_given, s.birth_date AS of_birth FROM enrollment.members m JOIN enrollment.payers p USING (payer_id)
			LEFT JOIN enrollment.members s ON s.member_id = m.subscriber_member_id WHERE p.name = '`+payer+`')
		SELECT concat_ws(' ',
			(SELECT count(*) || ' members ' || md5(string_agg(concat_ws('|', o.subscriber_no, o.own_no, o.person_key, o.is_subscriber, o.of_given, o.of_birth,
				o.relationship, o.given_name, o.middle_name, o.family_name, o.name_search, o.birth_date, o.gender, o.email, o.phone, o.language,
				o.address1, o.address2, o.city, o.state, o.zip, o.group_no, o.ssn_hash, o.version), E'\n' ORDER BY o.subscriber_no, o.person_key)) FROM ours o),
			(SELECT count(*) || ' coverages ' || md5(string_agg(concat_ws('|', o.subscriber_no, o.person_key, c.line, c.plan, c.level, c.group_no, c.starts, c.ends,
				c.voided, c.version), E'\n' ORDER BY o.subscriber_no, o.person_key, c.line, c.plan, c.starts, c.ends)) FROM enrollment.coverages c JOIN ours o USING (member_id)),
			(SELECT count(*) || ' versions ' || md5(string_agg(concat_ws('|', o.subscriber_no, o.person_key, v.version, v.action, v.changed), E'\n'
				ORDER BY o.subscriber_no, o.person_key, v.version)) FROM enrollment.member_versions v JOIN ours o USING (member_id)),
			(SELECT concat_ws('/', sum(members_read), sum(members_applied), sum(members_added), sum(members_changed), sum(members_ended), sum(members_unchanged),
				sum(coverages_added), sum(coverages_changed), sum(coverages_ended), sum(rejected), sum(held), sum(warnings), sum(findings))
				FROM enrollment.imports i JOIN enrollment.payers p USING (payer_id) WHERE p.name = '`+payer+`' AND i.status = 'done'))`, &out)
	return out
}
