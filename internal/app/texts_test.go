package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/reviews"
	"github.com/bedside-health/bedside/internal/web/i18n"
)

// reviewed writes the file of somebody who has read everything but some.
func reviewed(t *testing.T, but ...string) string {
	t.Helper()
	texts, err := Texts()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("reviews:\n")
	for _, one := range texts {
		if !slices.Contains(but, one.Name) {
			_, _ = fmt.Fprintf(&b, "- {text: %q, language: %s, hash: %s, reviewer: Dr. Alma Quist, role: medical director, date: 2026-11-20}\n", one.Name, one.Language, one.Hash())
		}
	}
	path := filepath.Join(t.TempDir(), "reviews.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTextsThatNeedAReview(t *testing.T) {
	t.Parallel()
	texts, err := Texts()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages() {
		for _, name := range []string{"emergency.line", "clinical.no1", "consent.agree", "consent/telehealth.2026-11"} {
			if !slices.ContainsFunc(texts, func(one reviews.Text) bool { return one.Name == name && one.Language == lang && one.Words != "" }) {
				t.Errorf("%s (%s) is not listed", name, lang)
			}
		}
	}
}

// With real people, no process that shows words to patients starts while some
// of them are unread; the others do, and so does a demo.
func TestUnreviewedTextsAreRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t, "")
	start := func(targets, file string, demo bool) error {
		t.Helper()
		chosen, err := Select(targets)
		if err != nil {
			t.Fatal(err)
		}
		cfg := p.config()
		cfg.Demo, cfg.Reviews = demo, file
		for _, name := range []string{"auth", "enrollment", "licensing", "scheduling"} {
			setURL(cfg, name, "http://127.0.0.1:1")
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		a, err := New(ctx, cfg, chosen, "test", obs.NewLogger(p.logs, slog.LevelInfo, "test"))
		if err != nil {
			t.Fatal(err)
		}
		err = a.Start(ctx)
		if err != nil {
			a.Close()
			return err
		}
		stop(t, a.Stop)
		return nil
	}
	for _, targets := range []string{"web", "enrollment"} {
		err := start(targets, "", false)
		for _, want := range []string{"emergency.line (en): nobody", "emergency.line (es): nobody", "consent/telehealth.2026-11 (es)", "BEDSIDE_REVIEWS"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v lacks %q", targets, err, want)
			}
		}
	}
	if err := start("web", reviewed(t, "clinical.no2"), false); err == nil || !strings.Contains(err.Error(), "2 texts") {
		t.Errorf("one text is left out: %v", err)
	}
	for targets, file := range map[string]string{"web": reviewed(t), "licensing": ""} {
		if err := start(targets, file, false); err != nil {
			t.Errorf("%s does not start: %v", targets, err)
		}
	}
	if err := start("web", "", true); err != nil {
		t.Errorf("a demo does not start: %v", err)
	}
}
