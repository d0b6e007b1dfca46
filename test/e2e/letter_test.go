package e2e

import (
	"regexp"
	"testing"
)

var letterCode = regexp.MustCompile(`\b[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}\b`)

// A member whom no mail reaches: staff print a letter, its reader types the
// code and the date of birth, names an address, and is in.
func TestByLetter(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	p.run("roster", "payer", "--name", "Sample Payer", "--id", "555000111")
	p.run("roster", "import", "--test", "--payer", "Sample Payer", ownSample)
	staff := newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	staff.open("/staff/letters")
	staff.axe()
	staff.pick("Payer", "Sample Payer (waiting: 1, asked for one: 0)")
	staff.click("Make the letters")
	staff.sees("The letters are ready", "1 letter")
	staff.shot("letters-" + staff.name)
	staff.axe()
	staff.click("Print")
	staff.sees("Letters to print", "Open your Bedside account")
	code := letterCode.FindString(staff.text())
	if code == "" {
		staff.fail("the letter has no code")
	}
	staff.shot("letters-print-" + staff.name)
	staff.axe()
	staff.open("/staff/letters")
	staff.click("They are mailed")
	staff.sees("The letters are on their way")
	staff.lacks("Discard them")

	member := newTab(t, p.base, phone())
	member.open("/activate")
	member.click("Type the code")
	member.shot("letter-open-" + member.name)
	member.axe()
	member.letter(w, code, "17")
	member.sees("do not go together")
	member.axe()
	member.letter(w, code, "16")
	member.sees("What is your e-mail address?")
	member.axe()
	member.fill("E-mail address", "jay.doe@post.test")
	member.submit()
	member.sees("jay.doe@post.test")
	member.shot("letter-code-" + member.name)
	member.axe()
	member.fill("Code", codeFrom(t, p.mailTo("jay.doe@post.test", "code").Text))
	member.submit()
	member.sees(w.active)

	other := newTab(t, p.base, phone())
	other.open("/activate/letter")
	other.letter(w, code, "16")
	other.sees("You have an account already")
}

// letter types what is on a letter.
func (b *tab) letter(w words, code, day string) {
	b.t.Helper()
	b.fill("Code from the letter", code)
	b.fill(w.month, "8")
	b.fill(w.day, day)
	b.fill(w.year, "1940")
	b.submit()
}

// Two patients who are one human: staff compare them, merge them and undo it.
func TestMergeAndUndo(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	p.db.Exec(t, `INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
		SELECT gen_random_uuid(), upper(given_name), family_name, birth_date, 'en', 'patient' FROM enrollment.patients`)
	p.db.Exec(t, `INSERT INTO enrollment.duplicate_queue (patient_id) SELECT patient_id FROM enrollment.patients ON CONFLICT DO NOTHING`)
	staff := newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	staff.open("/staff/duplicates")
	staff.reopens(staff.path(), "same name and date of birth")
	staff.shot("duplicates-" + staff.name)
	staff.axe()
	staff.follow("/staff/duplicates/")
	staff.sees("Both patients", "Differs")
	staff.shot("duplicate-" + staff.name)
	staff.axe()
	staff.click("Merge them")
	staff.sees("Choose which patient goes on")
	staff.axe()
	staff.choose("First patient")
	staff.click("Merge them")
	staff.sees("They are one person now", "goes on for both")
	staff.shot("duplicate-merged-" + staff.name)
	staff.axe()

	patient := newTab(t, p.base, phone())
	patient.open("/")
	patient.click("Try as patient")
	patient.open("/appointments")
	patient.sees("My appointments")

	staff.click("Undo the merge")
	staff.sees("The merge is undone", "Keep them apart")
	staff.click("Keep them apart")
	staff.sees("They stay two people")
	staff.open("/staff/duplicates?show=decided")
	staff.sees("Two people")
}
