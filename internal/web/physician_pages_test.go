package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
)

func TestMyLicenses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaPhysician, "en")
	body := strings.ReplaceAll(b.get("/physician/licenses").body, "\u00a0", " ")
	for _, want := range []string{
		"Maya Okafor", "MD-99120", "Delaware: ends on", "New York: ended on", "New Jersey: suspended or revoked", "South Carolina: the officer has to confirm",
		"Ends soon", "Suspended", "Active",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("my licenses lack %q", want)
		}
	}
	if strings.Contains(body, "The board suspended it") || strings.Contains(body, "/correct") {
		t.Error("my licenses show what is the officers'")
	}
	if spanish := o.as(t, AreaPhysician, "es").get("/physician/licenses").body; !strings.Contains(spanish, "Mis licencias") {
		t.Error("no Spanish")
	}
	o.licensing.bare = true
	if none := b.get("/physician/licenses").body; !strings.Contains(none, "No license yet") {
		t.Error("having no license is not said")
	}
	o.licensing.refuse = errs.New(errs.NotFound, "physician_missing", "not linked")
	if a := b.get("/physician/licenses"); a.status != http.StatusNotFound || !strings.Contains(a.body, "not linked to a physician yet") {
		t.Errorf("no physician: %d", a.status)
	}
}
