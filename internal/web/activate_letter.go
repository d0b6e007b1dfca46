package web

import (
	"time"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/letter"
)

const (
	cookieLetter = "__Host-letter"
	// letterFlowLife is how long the service waits as well.
	letterFlowLife = time.Hour
)

// letterFlow is an activation by letter on its way: the postal address is proven.
type letterFlow struct {
	Activation string `json:"a"`
	Email      string `json:"e,omitempty"`
}

func (c *Call) letterFlow() letterFlow {
	var fl letterFlow
	c.personal = c.Kept(cookieLetter, &fl) || c.personal
	return fl
}

// byLetter asks for the code of a letter and the date of birth.
func (s *Web) byLetter(c *Call) error {
	return c.Show(letter.Open(letter.OpenPage{Told: c.Told()}))
}

func (s *Web) byLetterSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, born := c.Faults(), c.DateValue("birth_date")
	page := letter.OpenPage{Code: c.Value("letter_code"), Year: born.Year, Month: born.Month, Day: born.Day}
	f.Need("letter_code", page.Code, "field.letter_code")
	birth := f.birthDate(born, s.Clock.Now())
	if !f.Any() {
		res, err := s.Letters.OpenLetter(c.Ctx(), &enrollmentv1.OpenLetterRequest{
			Code: page.Code, BirthDate: birth, Language: c.L.Lang(), Address: c.Address(),
		})
		if err := f.Take(err, "letter_code"); err != nil {
			return err
		}
		if !f.Any() {
			if err := c.Keep(cookieLetter, letterFlow{Activation: res.GetActivationId()}, letterFlowLife); err != nil {
				return err
			}
			return c.See("/activate/letter/email")
		}
	}
	page.Problems, page.By = f.List, f.By
	return c.Again(letter.Open(page))
}

// letterEmail asks for an address of one's own to sign in with.
func (s *Web) letterEmail(c *Call) error {
	fl := c.letterFlow()
	if fl.Activation == "" {
		return c.See("/activate/letter")
	}
	return c.Show(letter.Email(letter.EmailPage{Email: fl.Email}))
}

func (s *Web) letterEmailSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	fl, f := c.letterFlow(), c.Faults()
	if fl.Activation == "" {
		return c.See("/activate/letter")
	}
	fl.Email = c.Value("email")
	f.Need("email", fl.Email, "field.email")
	if !f.Any() {
		_, err := s.Letters.NameEmail(c.Ctx(), &enrollmentv1.NameEmailRequest{ActivationId: fl.Activation, Email: fl.Email, Address: c.Address()})
		if err := f.Take(err, "email"); err != nil {
			return err
		}
		if !f.Any() {
			if err := c.Keep(cookieLetter, fl, letterFlowLife); err != nil {
				return err
			}
			return c.See("/activate/letter/code")
		}
	}
	return c.Again(letter.Email(letter.EmailPage{Email: fl.Email, Problems: f.List, By: f.By}))
}

// letterCode asks for the code that was mailed there.
func (s *Web) letterCode(c *Call) error {
	fl := c.letterFlow()
	if fl.Activation == "" || fl.Email == "" {
		return c.See("/activate/letter")
	}
	return c.Show(letter.Code(letter.CodePage{Email: fl.Email}))
}

func (s *Web) letterCodeSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	fl, f := c.letterFlow(), c.Faults()
	if fl.Activation == "" || fl.Email == "" {
		return c.See("/activate/letter")
	}
	code := digits(c.Value("code"))
	f.Need("code", code, "field.code")
	if !f.Any() {
		res, err := s.Letters.ConfirmLetter(c.Ctx(), &enrollmentv1.ConfirmLetterRequest{ActivationId: fl.Activation, Code: code, Address: c.Address()})
		if err := f.Take(err, "code"); err != nil {
			return err
		}
		if !f.Any() {
			c.Drop(cookieLetter)
			return s.activated(c, flow{Next: "/"}, res.GetTicket(), res.GetReference())
		}
	}
	return c.Again(letter.Code(letter.CodePage{Email: fl.Email, Problems: f.List, By: f.By}))
}

// letterAsked asks for a letter after typed details. What follows is the same
// whether somebody was found or not.
func (s *Web) letterAsked(c *Call) error {
	fl := c.flow()
	if fl.Activation == "" {
		return c.See("/activate")
	}
	_, err := s.Letters.RequestLetter(c.Ctx(), &enrollmentv1.RequestLetterRequest{ActivationId: fl.Activation, Address: c.Address()})
	if err != nil {
		return err
	}
	c.Tell(ui.OK, "letter.asked", "letter.asked_text")
	return c.See("/activate/help")
}
