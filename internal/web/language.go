package web

import (
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
)

// chooseLanguage keeps the language in the browser and goes back to the page.
func (s *Web) chooseLanguage(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	back, lang := localPath(c.Value("back")), c.Value("lang")
	if i18n.Supported(lang) {
		setCookie(c.w, cookieLanguage, lang, 365*24*time.Hour)
		if !c.Who.Anonymous() && areaOf(back) == AreaPatient {
			s.mailIn(c, lang)
		}
	}
	return c.See(back)
}

// mailIn lets mail to the patient, and about their account, follow the language
// of the pages. Pages change their language also when this fails.
func (s *Web) mailIn(c *Call, lang string) {
	_, err := s.Accounts.SetLanguage(c.Ctx(), &authv1.SetLanguageRequest{Language: lang})
	if err != nil && errs.CodeOf(err) != errs.Unauthenticated {
		s.Log.WarnContext(c.Ctx(), "keeping an account's language", "error", err)
	}
	me, err := s.People.Me(c.Ctx(), &enrollmentv1.MeRequest{})
	if err == nil {
		if own := ownPatient(me, c.Who.Account.String()); own.GetPatientId() != "" && own.GetLanguage() != lang {
			_, err = s.People.SetLanguage(c.Ctx(), &enrollmentv1.SetLanguageRequest{PatientId: own.GetPatientId(), Language: lang})
		}
	}
	if err != nil && errs.CodeOf(err) != errs.Unauthenticated {
		s.Log.WarnContext(c.Ctx(), "keeping a patient's language", "error", err)
	}
}

// ownPatient is the patient that an account itself is, or nil.
func ownPatient(me *enrollmentv1.MeResponse, account string) *enrollmentv1.PatientFacts {
	for _, p := range me.GetPatients() {
		for _, a := range p.GetActsFor() {
			if a.GetAccountId() == account && a.GetRelation() == "self" {
				return p
			}
		}
	}
	return nil
}

// areaOf is the area that a path of ours belongs to.
func areaOf(path string) Area {
	for _, a := range Areas() {
		if p := a.Prefix(); p != "" && (path == p || strings.HasPrefix(path, p+"/")) {
			return a
		}
	}
	return AreaPatient
}
