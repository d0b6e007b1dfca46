package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
)

const (
	doneImport    = "0198a000-0000-7000-8000-00000000a001"
	busyImport    = "0198a000-0000-7000-8000-00000000a002"
	refusedImport = "0198a000-0000-7000-8000-00000000a003"
	sameImport    = "0198a000-0000-7000-8000-00000000a004"
	testPayer     = "0198a000-0000-7000-8000-00000000b001"
)

// office is a site with people at work in it.
type office struct {
	*site
	roster    *officeRoster
	licensing *officeLicensing
}

func newOffice(t testing.TB) *office {
	t.Helper()
	s := newSite(t)
	o := &office{site: s, roster: newOfficeRoster(), licensing: newOfficeLicensing()}
	s.web.Roster, s.web.Licensing = o.roster, o.licensing
	return o
}

// as is a browser that is signed in to an area.
func (o *office) as(t testing.TB, area Area, lang string) *browser {
	t.Helper()
	b := o.browser(t, lang)
	if a := b.post("/demo/"+string(area), url.Values{}); a.status != http.StatusSeeOther {
		t.Fatalf("signing in as %s: %d", area, a.status)
	}
	return b
}

// upload sends a form with a file, as browsers do: the file last.
func (b *browser) upload(path string, fields url.Values, name string, content io.Reader) answer {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key := range fields {
		if err := form.WriteField(key, fields.Get(key)); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := io.Copy(part, content); err != nil {
		b.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.raw(path, form.FormDataContentType(), &body, int64(body.Len()))
}

// raw posts a body as it is.
func (b *browser) raw(path, contentType string, body io.Reader, length int64) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.ContentLength = length
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept-Language", b.lang)
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return answer{status: res.StatusCode, location: res.Header.Get("Location"), header: res.Header, body: string(text)}
}

// officeRoster has one import in each state, and counts what is uploaded.
type officeRoster struct {
	enrollmentv1connect.RosterServiceClient
	mu       sync.Mutex
	begun    []*enrollmentv1.BeginUploadRequest
	chunks   []int
	content  []byte
	finished []*enrollmentv1.FinishUploadRequest
	sent     []*enrollmentv1.SendInvitationsRequest
	refuse   error
	payers   []*enrollmentv1.Payer
	imports  []*enrollmentv1.Import
	pages    [][]*enrollmentv1.Finding
}

func newOfficeRoster() *officeRoster {
	at := timestamppb.New(testNow().Add(-95 * time.Minute))
	one := func(id, file, status string, minutes int) *enrollmentv1.Import {
		return &enrollmentv1.Import{
			ImportId: id, PayerId: testPayer, PayerName: "Lanternfield Mutual", FileName: file, Status: status,
			StartedAt: timestamppb.New(testNow().Add(-time.Duration(minutes) * time.Minute)),
		}
	}
	busy, done := one(busyImport, "roster-2026-11-23.834", "applying", 2), one(doneImport, "roster-2026-11-16.834", "done", 95)
	refused, same := one(refusedImport, "roster-cut.834", "refused", 4000), one(sameImport, "roster-2026-11-16 (1).834", "replayed", 90)
	busy.BytesTotal, busy.BytesRead, busy.MembersRead, busy.MembersApplied = 4<<20, 4<<20, 5003, 3200
	done.MembersRead, done.MembersAdded, done.MembersChanged, done.MembersEnded, done.MembersUnchanged = 5003, 4996, 3, 1, 0
	done.CoveragesAdded, done.CoveragesEnded, done.Rejected, done.Warnings = 6120, 1, 3, 2
	done.Invitable, done.Invited, done.StartedAt, done.FinishedAt = 1840, 60, at, timestamppb.New(at.AsTime().Add(9*time.Second))
	refused.Refusal = &enrollmentv1.Finding{
		Kind: "refusal", Reason: "truncated", Segment: 48112, SegmentId: "HD", Element: "HD04", Offset: 1_912_004,
		Message: "The file ends in the middle of a segment. The file was refused.",
	}
	f := func(n int64, kind, reason, message, id, element, who string) *enrollmentv1.Finding {
		return &enrollmentv1.Finding{
			Number: n, Kind: kind, Reason: reason, Message: message, Segment: 100 * n, SegmentId: id, Element: element,
			Offset: 4210 * n, SubscriberId: fmt.Sprintf("LFM%06d", n), MemberName: who,
		}
	}
	return &officeRoster{
		payers:  []*enrollmentv1.Payer{{PayerId: testPayer, Name: "Lanternfield Mutual", Members: 5000}, {PayerId: busyImport, Name: "Tern & Willow Health", Members: 1}},
		imports: []*enrollmentv1.Import{busy, done, same, refused},
		pages: [][]*enrollmentv1.Finding{{
			f(1, "reject", "no_birth_date", "Somebody new needs a birth date (DMG02). The record was rejected.", "DMG", "DMG02", "Ana Petrova"),
			f(2, "held", "no_subscriber", "The subscriber of this dependent is neither on file nor in this file. The record is held.", "INS", "", "Lin Zhao"),
			f(3, "reject", "not_on_file", "Nobody on file fits this record. The record was rejected.", "INS", "INS03", "=cmd|' /C calc'!A0"),
		}, {
			f(4, "warning", "some_new_reason", "+1 (800) is no date. It was left out.", "DTP", "DTP03", " @Walter \"Kim\""),
		}},
	}
}

func (r *officeRoster) ListPayers(context.Context, *enrollmentv1.ListPayersRequest) (*enrollmentv1.ListPayersResponse, error) {
	return &enrollmentv1.ListPayersResponse{Payers: r.payers}, nil
}

func (r *officeRoster) ListImports(context.Context, *enrollmentv1.ListImportsRequest) (*enrollmentv1.ListImportsResponse, error) {
	return &enrollmentv1.ListImportsResponse{Imports: r.imports}, nil
}

func (r *officeRoster) GetImport(_ context.Context, q *enrollmentv1.GetImportRequest) (*enrollmentv1.GetImportResponse, error) {
	for _, m := range r.imports {
		if m.GetImportId() == q.GetImportId() {
			return &enrollmentv1.GetImportResponse{Import: m}, nil
		}
	}
	return nil, errs.New(errs.NotFound, "import_unknown", "There is no such import.")
}

func (r *officeRoster) BeginUpload(_ context.Context, q *enrollmentv1.BeginUploadRequest) (*enrollmentv1.BeginUploadResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = append(r.begun, q)
	return &enrollmentv1.BeginUploadResponse{UploadId: "up"}, r.refuse
}

func (r *officeRoster) UploadChunk(_ context.Context, q *enrollmentv1.UploadChunkRequest) (*enrollmentv1.UploadChunkResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(q.GetNumber()) != len(r.chunks) || q.GetUploadId() != "up" {
		return nil, errs.New(errs.Precondition, "chunk_missing", "A part is missing.")
	}
	r.chunks = append(r.chunks, len(q.GetData()))
	r.content = append(r.content, q.GetData()...)
	return &enrollmentv1.UploadChunkResponse{}, nil
}

func (r *officeRoster) FinishUpload(_ context.Context, q *enrollmentv1.FinishUploadRequest) (*enrollmentv1.FinishUploadResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finished = append(r.finished, q)
	return &enrollmentv1.FinishUploadResponse{ImportId: busyImport}, nil
}

func (r *officeRoster) ListRejects(_ context.Context, q *enrollmentv1.ListRejectsRequest) (*enrollmentv1.ListRejectsResponse, error) {
	if q.GetAfter() > 0 {
		return &enrollmentv1.ListRejectsResponse{Findings: r.pages[1]}, nil
	}
	return &enrollmentv1.ListRejectsResponse{Findings: r.pages[0], Next: 3}, nil
}

func (r *officeRoster) SendInvitations(_ context.Context, q *enrollmentv1.SendInvitationsRequest) (*enrollmentv1.SendInvitationsResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, q)
	return &enrollmentv1.SendInvitationsResponse{Queued: q.GetLimit(), Left: 1640}, nil
}

// ListActivationCases has one case of each kind.
func (f *fakePeople) ListActivationCases(context.Context, *enrollmentv1.ListActivationCasesRequest) (*enrollmentv1.ListActivationCasesResponse, error) {
	res := &enrollmentv1.ListActivationCasesResponse{}
	for i, reason := range []string{"no_match", "several", "minor", "no_email", "shared_email", "already_active", "account_taken", "details_differ", "new_one"} {
		res.Cases = append(res.Cases, &enrollmentv1.ActivationCase{
			Reference: fmt.Sprintf("K7QM-2D9%d", i), Reason: reason, At: timestamppb.New(testNow().Add(-time.Duration(i) * 7 * time.Hour)),
		})
	}
	return res, nil
}

// PhysicianDay is a day with visits before and after noon; Sundays are free.
func (f *fakeScheduling) PhysicianDay(_ context.Context, q *schedulingv1.PhysicianDayRequest) (*schedulingv1.PhysicianDayResponse, error) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		return nil, err
	}
	day := f.clock.Now().In(zone)
	if q.GetDay() != "" {
		if day, err = time.ParseInLocation(time.DateOnly, q.GetDay(), zone); err != nil {
			return nil, errs.InvalidFields(errs.Field{Name: "day", Reason: "malformed"})
		}
	}
	res := &schedulingv1.PhysicianDayResponse{PhysicianName: "Maya Okafor", TimeZone: zone.String(), Day: day.Format(time.DateOnly)}
	if day.Weekday() == time.Sunday {
		return res, nil
	}
	for i, v := range []struct {
		hour, minute, length                       int
		name, born, state, service, status, reason string
	}{
		{9, 0, 15, "Rosa Delgado", "1961-02-03", "PA", "follow_up", "booked", "Blood pressure"},
		{10, 30, 30, "Walter Kim", "1984-07-30", "NJ", "mental_health", "canceled", ""},
		{13, 30, 15, "Ana Petrova", "1985-11-24", "PA", "general", "booked", "Migraine, third this month"},
		{14, 0, 15, "James Whitfield", "1949-01-01", "DE", "skin", "booked", "A rash on both arms that came after gardening, and will not go away"},
	} {
		at := time.Date(day.Year(), day.Month(), day.Day(), v.hour, v.minute, 0, 0, zone)
		a := &schedulingv1.Appointment{
			AppointmentId: fmt.Sprintf("0198a000-0000-7000-8000-00000000c%03d", i), Reference: "K7QM-2D9F", State: v.state, TimeZone: zone.String(),
			Slot:      &schedulingv1.Slot{Start: timestamppb.New(at), End: timestamppb.New(at.Add(time.Duration(v.length) * time.Minute))},
			ServiceId: v.service, Status: v.status, PatientName: v.name, BirthDate: v.born, ConsentDue: v.service == "skin",
			Answers:  &schedulingv1.Answers{Reason: v.reason, Interpreter: "ru", Captions: true, Phone: "2155550147"},
			Decision: &schedulingv1.Decision{Allowed: true, LicenseNumber: "MD-99120", Basis: "full", RuleState: v.state},
		}
		if res.GetChosen() == "" && (q.GetChosen() == a.GetAppointmentId() || q.GetChosen() == "" && v.status == "booked" && a.GetSlot().GetEnd().AsTime().After(f.clock.Now())) {
			res.Chosen = a.GetAppointmentId()
		}
		res.Appointments = append(res.Appointments, a)
	}
	if res.GetChosen() != "" {
		at := time.Date(2026, 9, 30, 9, 0, 0, 0, zone)
		res.Earlier = []*schedulingv1.Appointment{{AppointmentId: "e", ServiceId: "follow_up", Slot: &schedulingv1.Slot{Start: timestamppb.New(at), End: timestamppb.New(at)}}}
	}
	return res, nil
}

var _ licensingv1connect.LicensingServiceClient = (*officeLicensing)(nil)
