package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/reviews"
)

func standings() []reviews.Standing {
	return reviews.Judge([]reviews.Text{
		{Name: "emergency.line", Language: "en", Words: "Call [911](tel911) <now>: \"go\"."},
		{Name: "consent/telehealth.2026-11", Language: "es", Words: "Acuerdo\n\nUsted acepta.\n"},
		{Name: "clinical.unsure", Language: "en", Words: "Not sure?", By: "Dr. Alma Quist", On: "2026-11-20"},
	}, nil)
}

func TestTextsAreListed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := printTexts(&out, standings(), true, "json"); err != nil {
		t.Fatal(err)
	}
	var list []listedText
	if err := json.Unmarshal(out.Bytes(), &list); err != nil || len(list) != 2 || list[0].Words != standings()[0].Words || len(list[0].Hash) != 64 || list[0].State != "unreviewed" {
		t.Errorf("%v: %s", err, out.String())
	}
	out.Reset()
	if err := printTexts(&out, standings(), false, "text"); err != nil || strings.Count(out.String(), "\n") != 3 || !strings.Contains(out.String(), "reviewed    en  clinical.unsure") {
		t.Errorf("%v: %s", err, out.String())
	}
	out.Reset()
	if err := printTexts(&out, nil, true, "json"); err != nil || strings.TrimSpace(out.String()) != "[]" {
		t.Errorf("nothing: %s", out.String())
	}
	if err := printTexts(&out, nil, true, "toml"); report(&out, err) != exitUsage {
		t.Errorf("an output that is none: %v", err)
	}
}

// The file that is printed to be filled in can be read once it is.
func TestPrintedReviewsCanBeFilledIn(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := printTexts(&out, standings(), true, "yaml"); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	if _, err := reviews.Parse(out.Bytes(), now); err == nil {
		t.Error("an empty form counts as a review")
	}
	filled := strings.NewReplacer(`reviewer: ""`, `reviewer: "Dr. Alma Quist"`, `role: ""`, `role: medical director`, `date: ""`, `date: 2026-11-30`).Replace(out.String())
	list, err := reviews.Parse([]byte(filled), now)
	if err != nil {
		t.Fatal(err)
	}
	if err := reviews.Refuse(reviews.Judge([]reviews.Text{standings()[0].Text, standings()[1].Text}, list)); err != nil {
		t.Error(err)
	}
}
