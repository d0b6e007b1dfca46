package web

import (
	"net/http"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
)

const (
	aboutPath = "/book/about"
	// typedLife is a little longer than a sign-in may take.
	typedLife = flowLife
	// typedPart is how many characters of a reason fit into one cookie, even
	// where each takes four bytes.
	typedPart = reasonLimit / 2
)

// typed is what was written on the page about the visit when its session had
// ended. Nothing can be stored for nobody, so it waits in sealed cookies until
// the same patient is signed in again.
type typed struct {
	Patient     string `json:"p"`
	Reason      string `json:"r"`
	Interpreter string `json:"i,omitempty"`
	Captions    bool   `json:"c,omitempty"`
	Phone       string `json:"t,omitempty"`
	Payment     string `json:"m,omitempty"`
}

// keepTyped keeps what was sent when the session had ended, and names the words
// that say so, or that it is lost; none where nothing was typed.
func (c *Call) keepTyped() i18n.Key {
	if c.R.Method != http.MethodPost || c.Parse() != nil {
		return ""
	}
	var text i18n.Key
	if c.Route.Path == aboutPath {
		text = c.keepAnswers()
	} else {
		text = c.keepForm()
	}
	if text == "" && c.typedAnything() {
		return "sign_in.typed_lost"
	}
	return text
}

// typedAnything says whether a form holds more than what the page itself put
// into it.
func (c *Call) typedAnything() bool {
	for name := range c.R.PostForm {
		if name != "key" && name != "version" && c.R.PostForm.Get(name) != "" {
			return true
		}
	}
	return false
}

// keepAnswers keeps the form about the visit, however long.
func (c *Call) keepAnswers() i18n.Key {
	a := readAnswers(c)
	reason := []rune(a.GetReason())
	reason = reason[:min(len(reason), reasonLimit)]
	cut := min(len(reason), typedPart)
	err := c.Keep(cookieTyped, typed{
		Patient: a.GetPatientId(), Reason: string(reason[:cut]), Interpreter: a.GetInterpreter(),
		Captions: a.GetCaptions(), Phone: a.GetPhone(), Payment: paymentValue(a),
	}, typedLife)
	// The rest of what somebody else typed here must not be read as ours.
	c.Drop(cookieTypedMore)
	if err == nil && len(reason) > cut {
		err = c.Keep(cookieTypedMore, string(reason[cut:]), typedLife)
	}
	if err != nil {
		c.web.Log.WarnContext(c.Ctx(), "keeping what was typed", "error", err)
		return ""
	}
	return "sign_in.typed_kept"
}

// typedBefore gives back what was typed before the session ended, once, and
// only about a patient of whoever is signed in now.
func (c *Call) typedBefore(me *enrollmentv1.MeResponse) *schedulingv1.Answers {
	var t typed
	if !c.Kept(cookieTyped, &t) {
		return nil
	}
	var more string
	c.Kept(cookieTypedMore, &more)
	c.Drop(cookieTyped)
	c.Drop(cookieTypedMore)
	for _, p := range me.GetPatients() {
		if p.GetPatientId() != t.Patient {
			continue
		}
		a := &schedulingv1.Answers{
			PatientId: t.Patient, Reason: t.Reason + more, Interpreter: t.Interpreter, Captions: t.Captions, Phone: t.Phone,
		}
		a.Payment, a.CoverageId = splitPayment(t.Payment)
		return a
	}
	return nil
}
