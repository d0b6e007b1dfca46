package reviews

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func now() time.Time { return time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC) }

func text(name, lang, words string) Text { return Text{Name: name, Language: lang, Words: words} }

func review(t Text) Review {
	return Review{Text: t.Name, Language: t.Language, Hash: t.Hash(), Reviewer: "Dr. Alma Quist", Role: "medical director", Date: "2026-11-30"}
}

func TestAReviewIsOfExactWords(t *testing.T) {
	t.Parallel()
	en, es := text("emergency.line", "en", "Call 911."), text("emergency.line", "es", "Llame al 911.")
	touched := en
	touched.Words = "Call 911"
	built, pending, undated := en, en, en
	built.By, built.On = "Dr. Alma Quist", "2026-11-30"
	pending.By, pending.On = Pending, "2026-11-30"
	undated.By = "Dr. Alma Quist"
	for _, c := range []struct {
		name string
		text Text
		list []Review
		want State
	}{
		{"nobody has read it", en, nil, Unread},
		{"read as it is", en, []Review{review(en)}, Reviewed},
		{"read in another language only", es, []Review{review(en)}, Unread},
		{"a comma went", touched, []Review{review(en)}, Changed},
		{"read before and after", touched, []Review{review(en), review(touched)}, Reviewed},
		{"read after and before", touched, []Review{review(touched), review(en)}, Reviewed},
		{"the words came with a review", built, nil, Reviewed},
		{"the words came without one", pending, nil, Unread},
		{"a review without a day", undated, nil, Unread},
	} {
		if got := Judge([]Text{c.text}, c.list)[0].State; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestEveryTextIsListedAtOnce(t *testing.T) {
	t.Parallel()
	en, es := text("emergency.line", "en", "Call 911."), text("consent/telehealth.2026-11", "es", "Acepto.")
	old := review(es)
	old.Hash = strings.Repeat("0", 64)
	err := Refuse(Judge([]Text{en, es}, []Review{old}))
	for _, want := range []string{"2 texts", "emergency.line (en): nobody", "consent/telehealth.2026-11 (es): its words changed after the review of 2026-11-30", "BEDSIDE_REVIEWS"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	if err := Refuse(Judge([]Text{en, es}, []Review{review(en), review(es)})); err != nil {
		t.Error(err)
	}
}

func TestBrokenReviewsAreRefused(t *testing.T) {
	t.Parallel()
	good := "reviews:\n- {text: a.b, language: en, hash: " + strings.Repeat("ab", 32) + ", reviewer: Dr. Alma Quist, role: medical director, date: 2026-11-30}\n"
	if list, err := Parse([]byte(good), now()); err != nil || len(list) != 1 || list[0].Role != "medical director" {
		t.Fatalf("%v, %v", list, err)
	}
	if list, err := Parse(nil, now()); err != nil || len(list) != 0 {
		t.Errorf("an empty file: %v, %v", list, err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"a field that is none": {"role:", "rank:", "rank"},
		"nobody":               {"Dr. Alma Quist", Pending, "reviewer is missing"},
		"no role":              {"medical director", `""`, "role is missing"},
		"half a hash":          {"abab", "ab", "hash is not"},
		"no such day":          {"2026-11-30", "2026-11-31", "not a day"},
		"tomorrow's":           {"2026-11-30", "2026-12-03", "in the future"},
	} {
		if _, err := Parse([]byte(strings.Replace(good, c.old, c.new, 1)), now()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse([]byte(good+strings.TrimPrefix(good, "reviews:\n")), now()); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("the same twice: %v", err)
	}
}

func TestTheFileOfReviews(t *testing.T) {
	t.Parallel()
	if list, err := Load("", now()); err != nil || list != nil {
		t.Errorf("no file: %v, %v", list, err)
	}
	path := filepath.Join(t.TempDir(), "reviews.yaml")
	if _, err := Load(path, now()); err == nil {
		t.Error("a file that is not there was read")
	}
	if err := os.WriteFile(path, []byte("- nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path, now()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("nonsense: %v", err)
	}
}
