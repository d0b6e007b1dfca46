package web

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/letter"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/persons"
)

const lettersPath = "/staff/letters"

// letters counts who waits for a letter, and lists the batches.
func (s *Web) letters(c *Call) error {
	page, err := s.lettersPage(c, c.Faults(), persons.LetterForm{Audience: "everybody", Most: "100"})
	if err != nil {
		return err
	}
	page.Told = c.Told()
	return c.Show(persons.Letters(page))
}

func (s *Web) lettersPage(c *Call, f *Faults, form persons.LetterForm) (persons.LettersPage, error) {
	res, err := s.Letters.LetterOverview(c.Ctx(), &enrollmentv1.LetterOverviewRequest{})
	if err != nil {
		return persons.LettersPage{}, err
	}
	n := c.L.Number
	page := persons.LettersPage{Told: templ.NopComponent, Form: form, Problems: f.List, By: f.By, Key: c.Key()}
	for _, p := range res.GetPayers() {
		page.Options = append(page.Options, ui.Option{Value: p.GetPayerId(), Label: c.T("letters.payer_option",
			"name", p.GetPayerName(), "waiting", n(p.GetWaiting()), "requested", n(p.GetRequested()))})
	}
	for _, b := range res.GetBatches() {
		line := persons.BatchCard{
			Path: lettersPath + "/" + b.GetBatchId(), Payer: b.GetPayerName(), Key: newKey(), Made: c.T("letters.made", "time", c.moment(b.GetMadeAt())),
			Counts: c.T("letters.counts", "n", b.GetLetters(), "count", n(int64(b.GetLetters())), "used", n(b.GetUsed())),
			Open:   b.GetState() == "made", Printable: b.GetPrintable(),
			Mark: parts.Mark{Kind: ui.Warn, Icon: "printer", Text: c.word(i18n.Key("letters.state."), b.GetState(), b.GetState())},
		}
		switch b.GetState() {
		case "mailed":
			line.Mark.Kind, line.Mark.Icon = ui.OK, "circle-check"
		case "discarded":
			line.Mark.Kind, line.Mark.Icon = ui.Plain, "x"
		}
		page.Batches = append(page.Batches, line)
	}
	return page, nil
}

// lettersMade makes a batch.
func (s *Web) lettersMade(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	form := persons.LetterForm{Payer: c.Value("payer"), Audience: c.Value("audience"), Most: c.Value("most")}
	f.Need("payer", form.Payer, "field.payer_id")
	f.Need("audience", form.Audience, "field.letter_audience")
	most := f.whole("most", form.Most, "field.letter_most")
	if most > 500 {
		f.Add("most", "field.letter_most")
	}
	if !f.Any() {
		res, err := s.Letters.MakeLetters(c.Ctx(), &enrollmentv1.MakeLettersRequest{
			PayerId: form.Payer, Audience: form.Audience, Most: most, IdempotencyKey: c.Key(),
		})
		if err == nil && res.GetBatchId() == "" {
			c.Tell(ui.Info, "letters.done_nobody", "letters.done_nobody_text")
			return c.See(lettersPath)
		}
		if err == nil {
			c.Tell(ui.OK, "letters.done_made", "letters.done_made_text")
			return c.See(lettersPath)
		}
		if err := f.takeAs(err, map[string]string{"payer_id": "payer"}); err != nil {
			return err
		}
	}
	page, err := s.lettersPage(c, f, form)
	if err != nil {
		return err
	}
	return c.Again(persons.Letters(page))
}

// lettersPrint writes a batch for the printer, one letter a page.
func (s *Web) lettersPrint(c *Call) error {
	res, err := s.Letters.PrintLetters(c.Ctx(), &enrollmentv1.PrintLettersRequest{BatchId: c.R.PathValue("id")})
	if err != nil {
		return err
	}
	page := letter.Sheets{Payer: res.GetPayerName(), Back: lettersPath, Count: len(res.GetLetters())}
	for _, one := range res.GetLetters() {
		l := i18n.In(one.GetLanguage())
		page.Letters = append(page.Letters, letter.Sheet{
			Lang: l.Lang(), To: append([]string{strings.TrimSpace(one.GetGivenName() + " " + one.GetFamilyName())}, one.GetAddress()...),
			Name: one.GetGivenName(), Payer: res.GetPayerName(), Code: one.GetCode(), Site: siteName(c.R.Host), Phone: s.HelpPhone,
			Date: l.Date(inOffice(res.GetMadeAt().AsTime())), Until: l.Date(inOffice(one.GetExpiresAt().AsTime())),
		})
	}
	return c.Show(letter.Print(page))
}

// siteName is the address to type, as the person who prints sees it.
func siteName(host string) string {
	u := url.URL{Host: host, Path: "/activate/letter"}
	return strings.TrimPrefix(u.String(), "//")
}

// lettersSettled says that a batch was mailed, or thrown away.
func (s *Web) lettersSettled(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	state := c.Value("state")
	_, err := s.Letters.SettleLetters(c.Ctx(), &enrollmentv1.SettleLettersRequest{BatchId: c.R.PathValue("id"), State: state, IdempotencyKey: c.Key()})
	if err != nil {
		return err
	}
	if state == "mailed" {
		c.Tell(ui.OK, "letters.done_mailed", "letters.done_mailed_text")
	} else {
		c.Tell(ui.OK, "letters.done_discarded", "letters.done_discarded_text")
	}
	return c.See(lettersPath)
}
