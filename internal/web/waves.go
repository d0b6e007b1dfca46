package web

import (
	"regexp"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
	"github.com/bedside-health/bedside/internal/web/view/persons"
)

const (
	invitationsPath   = "/staff/invitations"
	undeliverablePath = "/staff/invitations/undeliverable"
)

// invitations counts, payer by payer, and shows the waves.
func (s *Web) invitations(c *Call) error {
	page, err := s.invitationsPage(c, c.Faults(), persons.WaveForm{Audience: "new", PerMinute: "60"})
	if err != nil {
		return err
	}
	page.Told = c.Told()
	return c.Show(persons.Invitations(page))
}

func (s *Web) invitationsPage(c *Call, f *Faults, form persons.WaveForm) (persons.InvitationsPage, error) {
	res, err := s.Invitations.InvitationOverview(c.Ctx(), &enrollmentv1.InvitationOverviewRequest{})
	if err != nil {
		return persons.InvitationsPage{}, err
	}
	n := c.L.Number
	page := persons.InvitationsPage{Told: templ.NopComponent, Form: form, Problems: f.List, By: f.By, Key: c.Key()}
	for _, p := range res.GetPayers() {
		page.Payers = append(page.Payers, persons.PayerLine{
			Name: p.GetPayerName(), Invitable: n(p.GetInvitable()), Waiting: n(p.GetWaiting()), Sent: n(p.GetSent()), Accepted: n(p.GetAccepted()),
			Expired: n(p.GetExpired()), Failed: n(p.GetFailed()), WithoutEmail: n(p.GetWithoutEmail()),
		})
		page.Options = append(page.Options, ui.Option{Value: p.GetPayerId(), Label: c.T("wave.payer_option",
			"name", p.GetPayerName(), "new", n(p.GetInvitable()), "again", n(p.GetAgain()))})
	}
	for _, w := range res.GetWaves() {
		page.Waves = append(page.Waves, c.waveCard(w))
		page.Live = page.Live || w.GetState() == "running"
	}
	return page, nil
}

func (c *Call) waveCard(w *enrollmentv1.Wave) persons.WaveCard {
	n := c.L.Number
	card := persons.WaveCard{
		ID: w.GetWaveId(), Path: invitationsPath + "/waves/" + w.GetWaveId(), Payer: w.GetPayerName(), Key: newKey(),
		Audience: c.word(i18n.Key("wave.audience."), w.GetAudience(), w.GetAudience()),
		Mark:     parts.Mark{Kind: ui.Info, Icon: "activity", Text: c.word(i18n.Key("wave.state."), w.GetState(), w.GetState())},
		Pace:     c.T("wave.pace", "n", w.GetPerMinute(), "count", n(int64(w.GetPerMinute()))),
		Starts:   c.T("wave.starts", "time", c.moment(w.GetStartsAt())),
		Queued:   w.GetQueued(), Most: int64(w.GetMost()), Words: c.T("wave.progress_all", "queued", n(w.GetQueued())),
		Counts: c.T("wave.counts", "sent", n(w.GetSent()), "accepted", n(w.GetAccepted()), "failed", n(w.GetFailed()), "left", n(w.GetLeftOut())),
		Runs:   w.GetState() == "running", Paused: w.GetState() == "paused",
	}
	if w.GetMost() > 0 {
		card.Words = c.T("wave.progress_of", "queued", n(w.GetQueued()), "most", n(int64(w.GetMost())))
	}
	switch w.GetState() {
	case "paused":
		card.Mark.Kind, card.Mark.Icon = ui.Warn, "clock"
	case "stopped":
		card.Mark.Kind, card.Mark.Icon = ui.Plain, "x"
	case "done":
		card.Mark.Kind, card.Mark.Icon = ui.OK, "circle-check"
	}
	return card
}

// waveSent begins a wave.
func (s *Web) waveSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f, day := c.Faults(), c.DateValue("starts")
	form := persons.WaveForm{
		Payer: c.Value("payer"), Audience: c.Value("audience"), Most: c.Value("most"), PerMinute: c.Value("per_minute"),
		Year: day.Year, Month: day.Month, Day: day.Day, Time: c.Value("starts_time"),
	}
	req := &enrollmentv1.StartWaveRequest{PayerId: form.Payer, Audience: form.Audience, IdempotencyKey: c.Key()}
	f.Need("payer", form.Payer, "field.payer_id")
	f.Need("audience", form.Audience, "field.audience")
	if form.Most != "" {
		req.Most = f.whole("most", form.Most, "field.most")
	}
	req.PerMinute = f.whole("per_minute", form.PerMinute, "field.per_minute")
	req.StartsAt = f.startsAt(day, form.Time)
	if !f.Any() {
		_, err := s.Invitations.StartWave(c.Ctx(), req)
		if err == nil {
			c.Tell(ui.OK, "wave.done_started", "")
			return c.See(invitationsPath)
		}
		if err := f.takeAs(err, map[string]string{"payer_id": "payer", "starts_at": "starts"}); err != nil {
			return err
		}
	}
	page, err := s.invitationsPage(c, f, form)
	if err != nil {
		return err
	}
	return c.Again(persons.Invitations(page))
}

// whole reads a whole number of one or more, or adds what is wrong with it.
func (f *Faults) whole(field, typed string, key i18n.Key) int32 {
	n, err := strconv.ParseInt(typed, 10, 32)
	if err != nil || n < 1 {
		f.Add(field, key)
		return 0
	}
	return int32(n)
}

var clockTime = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)

// startsAt reads a day and a time of the office; nil for neither.
func (f *Faults) startsAt(day Date, at string) *timestamppb.Timestamp {
	if day.Empty() && at == "" {
		return nil
	}
	iso, ok := day.ISO()
	hour := clockTime.FindStringSubmatch(at)
	if !ok || hour == nil {
		f.Add("starts", "field.starts_at")
		return nil
	}
	office := inOffice(f.call.web.Clock.Now()).Location()
	when, err := time.ParseInLocation("2006-01-02 15:04", iso+" "+hour[1]+":"+hour[2], office)
	if len(hour[1]) == 1 {
		when, err = time.ParseInLocation("2006-01-02 15:04", iso+" 0"+hour[1]+":"+hour[2], office)
	}
	if err != nil || when.Before(f.call.web.Clock.Now().Add(-time.Hour)) {
		f.Add("starts", "field.starts_at")
		return nil
	}
	return timestamppb.New(when)
}

// takeAs is Take where the page calls fields otherwise than the service.
func (f *Faults) takeAs(err error, names map[string]string) error {
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		for _, bad := range fields {
			key := i18n.Key("field." + bad.Name)
			if !f.call.L.Has(key) {
				key = "field.other"
			}
			name := names[bad.Name]
			if name == "" {
				name = bad.Name
			}
			f.Add(name, key)
		}
		return nil
	}
	return f.Take(err, "")
}

// waveSteered pauses, resumes or stops a wave.
func (s *Web) waveSteered(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Invitations.SteerWave(c.Ctx(), &enrollmentv1.SteerWaveRequest{
		WaveId: c.R.PathValue("id"), Action: c.Value("action"), IdempotencyKey: c.Key(),
	})
	if err != nil {
		return err
	}
	switch c.Value("action") {
	case "pause":
		c.Tell(ui.OK, "wave.done_paused", "wave.done_paused_text")
	case "resume":
		c.Tell(ui.OK, "wave.done_resumed", "")
	default:
		c.Tell(ui.OK, "wave.done_stopped", "wave.done_paused_text")
	}
	return c.See(invitationsPath)
}

// undeliverable lists addresses that mail does not reach.
func (s *Web) undeliverable(c *Call) error {
	page, err := s.undeliverablePage(c, c.Faults())
	if err != nil {
		return err
	}
	page.Told = c.Told()
	return c.Show(persons.Undeliverable(page))
}

func (s *Web) undeliverablePage(c *Call, f *Faults) (persons.UndeliverablePage, error) {
	res, err := s.Invitations.ListUndeliverable(c.Ctx(), &enrollmentv1.ListUndeliverableRequest{})
	if err != nil {
		return persons.UndeliverablePage{}, err
	}
	page := persons.UndeliverablePage{Told: templ.NopComponent, Email: c.Value("email"), Problems: f.List, By: f.By, Key: c.Key()}
	for _, a := range res.GetAddresses() {
		page.Lines = append(page.Lines, persons.AddressLine{
			Address: a.GetAddress(), Who: a.GetMembers(), Reason: c.word(i18n.Key("undeliv.reason."), a.GetReason(), a.GetReason()),
			When: c.moment(a.GetMarkedAt()), Clear: undeliverablePath + "/" + a.GetAddressId() + "/clear", Key: newKey(),
		})
	}
	return page, nil
}

// undeliverableMarked marks an address by hand.
func (s *Web) undeliverableMarked(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	f := c.Faults()
	f.Need("email", c.Value("email"), "field.email")
	if !f.Any() {
		_, err := s.Invitations.MarkUndeliverable(c.Ctx(), &enrollmentv1.MarkUndeliverableRequest{Email: c.Value("email"), IdempotencyKey: c.Key()})
		if err == nil {
			c.Tell(ui.OK, "undeliv.done_marked", "")
			return c.See(undeliverablePath)
		}
		if err := f.Take(err, "email"); err != nil {
			return err
		}
	}
	page, err := s.undeliverablePage(c, f)
	if err != nil {
		return err
	}
	return c.Again(persons.Undeliverable(page))
}

// undeliverableCleared lets an address be mailed to again.
func (s *Web) undeliverableCleared(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Invitations.ClearUndeliverable(c.Ctx(), &enrollmentv1.ClearUndeliverableRequest{AddressId: c.R.PathValue("id"), IdempotencyKey: c.Key()})
	if err != nil {
		return err
	}
	c.Tell(ui.OK, "undeliv.done_cleared", "undeliv.done_cleared_text")
	return c.See(undeliverablePath)
}
