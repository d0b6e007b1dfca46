package roster

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	rosters "github.com/bedside-health/bedside/internal/demo/roster"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// send uploads a text in pieces and returns the import.
func (b *bundle) send(ctx context.Context, payer uuid.UUID, text string, piece int) string {
	b.t.Helper()
	begun, err := b.BeginUpload(ctx, &enrollmentv1.BeginUploadRequest{PayerId: payer.String(), FileName: `C:\rosters\january.834`, Size: int64(len(text))})
	if err != nil {
		b.t.Fatal(err)
	}
	n := int32(0)
	for at := 0; at < len(text); at += piece {
		data := []byte(text[at:min(at+piece, len(text))])
		if _, err := b.UploadChunk(ctx, &enrollmentv1.UploadChunkRequest{UploadId: begun.GetUploadId(), Number: n, Data: data}); err != nil {
			b.t.Fatal(err)
		}
		n++
	}
	res, err := b.FinishUpload(ctx, &enrollmentv1.FinishUploadRequest{UploadId: begun.GetUploadId(), Chunks: n})
	if err != nil {
		b.t.Fatal(err)
	}
	again, err := b.FinishUpload(ctx, &enrollmentv1.FinishUploadRequest{UploadId: begun.GetUploadId(), Chunks: n})
	if err != nil || again.GetImportId() != res.GetImportId() {
		b.t.Fatalf("finishing twice: %v %v", again, err)
	}
	return res.GetImportId()
}

// work runs the service's jobs until the test ends.
func (b *bundle) work() {
	b.t.Helper()
	workers := river.NewWorkers()
	b.Workers(workers)
	queue, err := jobs.New("enrollment", b.pg, workers, slog.New(slog.DiscardHandler))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := queue.Start(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := queue.Stop(ctx); err != nil {
			b.t.Error(err)
		}
	})
}

// ended polls until an import has ended.
func (b *bundle) ended(ctx context.Context, id string) *enrollmentv1.Import {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(time.Minute)
	for {
		res, err := b.GetImport(ctx, &enrollmentv1.GetImportRequest{ImportId: id})
		if err != nil {
			b.t.Fatal(err)
		}
		if res.GetImport().GetFinishedAt() != nil {
			return res.GetImport()
		}
		select {
		case <-tick.C:
		case <-end:
			b.t.Fatalf("still %v", res.GetImport())
		}
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	ctx := as(t.Context(), ids.New[ids.AccountID]())
	var text bytes.Buffer
	if err := rosters.Generate(&text, rosters.Options{Members: 600}); err != nil {
		t.Fatal(err)
	}
	payer := b.payer("Larkspur", func(p *Payer) { p.Identifiers = []string{"999000333"} })
	id := b.send(ctx, payer, text.String(), 10_007)
	waiting, err := b.GetImport(ctx, &enrollmentv1.GetImportRequest{ImportId: id})
	if err != nil || waiting.GetImport().GetStatus() != "waiting" || waiting.GetImport().GetFileName() != "january.834" {
		t.Fatalf("before its job: %v %v", waiting, err)
	}
	packed := b.send(ctx, b.payer("Packed", func(p *Payer) { p.Identifiers = []string{"999000333"} }), packZip(t, map[string]string{"r.834": text.String()}), 1<<20)
	b.work()
	i := b.ended(ctx, id)
	if i.GetStatus() != "done" || i.GetMembersApplied() != 597 || i.GetRejected() != 3 || i.GetBytesRead() != int64(text.Len()) || i.GetActor() == "" {
		t.Errorf("%v", i)
	}
	if i.GetInvitable() == 0 || i.GetInvited() != 0 {
		t.Errorf("%d invitable, %d invited", i.GetInvitable(), i.GetInvited())
	}
	if z := b.ended(ctx, packed); z.GetStatus() != "done" || summary(z) != summary(i) {
		t.Errorf("packed: %v", z)
	}
	if b.table("Packed") != b.table("Larkspur") {
		t.Error("the packed file made another roster")
	}
	if n := b.count(`SELECT count(*) FROM enrollment.upload_chunks`) + b.count(`SELECT count(*) FROM enrollment.uploads`); n != 0 {
		t.Errorf("%d rows of uploads are left", n)
	}
	list, err := b.ListImports(ctx, &enrollmentv1.ListImportsRequest{})
	if err != nil || len(list.GetImports()) != 2 || list.GetImports()[1].GetImportId() != id || list.GetImports()[1].GetPayerName() != "Larkspur" {
		t.Errorf("list %v %v", list, err)
	}
	payers, err := b.ListPayers(ctx, &enrollmentv1.ListPayersRequest{})
	if err != nil || len(payers.GetPayers()) != 2 || payers.GetPayers()[0].GetMembers() != 597 {
		t.Errorf("payers %v %v", payers, err)
	}
}

// Two files of one payer are imported one after the other, in the order in
// which they were sent.
func TestUploadsStandInLine(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	ctx := as(t.Context(), ids.New[ids.AccountID]())
	payer := b.payer("Juniper")
	first := b.send(ctx, payer, fixture(t, "bom-crlf"), 333)
	second := b.send(ctx, payer, renumber(strings.ReplaceAll(fixture(t, "bom-crlf"), "Quince Lane", "Pear Lane"), 2), 333)
	b.work()
	for _, id := range []string{second, first} {
		if i := b.ended(ctx, id); i.GetStatus() != "done" {
			t.Errorf("%v", i)
		}
	}
	if !strings.Contains(b.table("Juniper"), "Pear Lane") {
		t.Errorf("the second file was not the last:\n%s", b.table("Juniper"))
	}
}

// An upload whose worker died while reading is read again from its pieces.
func TestAnUploadIsReadAgain(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	ctx := as(t.Context(), ids.New[ids.AccountID]())
	id := b.send(ctx, b.payer("Juniper"), fixture(t, "changes"), 100)
	for _, phase := range []string{"reading", "reading", "checking", "applying"} {
		b.between = func(p string) error {
			if p == phase {
				return errStopped
			}
			return nil
		}
		if err := b.Sweep(t.Context()); err == nil || !strings.Contains(err.Error(), errStopped.Error()) {
			t.Fatalf("%s: %v", phase, err)
		}
		b.killed()
	}
	b.between = func(string) error { return nil }
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := newBundle(t)
	other.payer("Juniper")
	want := other.done("Juniper", fixture(t, "changes"))
	if i := b.ended(ctx, id); summary(i) != summary(want) || b.table("Juniper") != other.table("Juniper") {
		t.Errorf("%s\n%s", summary(i), b.table("Juniper"))
	}
}

func TestUploadRefusals(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	payer := b.payer("Juniper").String()
	mine, other := as(t.Context(), ids.New[ids.AccountID]()), as(t.Context(), ids.New[ids.AccountID]())
	begin := func(size int64, name, payer string) (string, error) {
		res, err := b.BeginUpload(mine, &enrollmentv1.BeginUploadRequest{PayerId: payer, FileName: name, Size: size})
		return res.GetUploadId(), err
	}
	for what, try := range map[string]func() error{
		"empty":     func() error { _, err := begin(0, "x", payer); return err },
		"too large": func() error { _, err := begin(512<<20+1, "x", payer); return err },
		"no name":   func() error { _, err := begin(1, " \x00", payer); return err },
		"no id":     func() error { _, err := begin(1, "x", "payer"); return err },
	} {
		if err := try(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := begin(1, "x", uuid.NewString()); errs.ReasonOf(err) != "payer_unknown" {
		t.Errorf("unknown payer: %v", err)
	}
	id, err := begin(10, "x", payer)
	if err != nil {
		t.Fatal(err)
	}
	chunk := func(ctx context.Context, number int32, n int) error {
		_, err := b.UploadChunk(ctx, &enrollmentv1.UploadChunkRequest{UploadId: id, Number: number, Data: make([]byte, n)})
		return err
	}
	finish := func(ctx context.Context, chunks int32) error {
		_, err := b.FinishUpload(ctx, &enrollmentv1.FinishUploadRequest{UploadId: id, Chunks: chunks})
		return err
	}
	for what, c := range map[string]struct {
		err  error
		want string
	}{
		"somebody else's":  {chunk(other, 0, 5), "upload_unknown"},
		"no data":          {chunk(mine, 0, 0), "invalid_fields"},
		"too much at once": {chunk(mine, 0, 1<<20+1), "invalid_fields"},
		"negative":         {chunk(mine, -1, 1), "invalid_fields"},
		"nothing sent":     {finish(mine, 1), "upload_incomplete"},
		"first half":       {chunk(mine, 0, 5), "internal"},
		"same again":       {chunk(mine, 0, 5), "internal"},
		"half":             {finish(mine, 1), "upload_incomplete"},
		"a gap":            {chunk(mine, 2, 5), "internal"},
		"with a gap":       {finish(mine, 2), "upload_incomplete"},
	} {
		if c.want == "internal" && c.err == nil {
			continue
		}
		if errs.ReasonOf(c.err) != c.want {
			t.Errorf("%s: %v", what, c.err)
		}
	}
	if err := chunk(mine, 1, 1); errs.ReasonOf(err) != "upload_size" {
		t.Errorf("more than was said: %v", err)
	}
	if err := finish(other, 2); errs.ReasonOf(err) != "upload_unknown" {
		t.Errorf("somebody else finishes: %v", err)
	}
	// Nobody comes back for it: after a day it goes.
	b.at.Exec(t, `UPDATE enrollment.uploads SET created_at = clock.now() - interval '25 hours'`)
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.uploads`); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
}

func TestSendInvitations(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	ctx := as(t.Context(), ids.New[ids.AccountID]())
	b.payer("Larkspur", func(p *Payer) { p.Identifiers = []string{"999000333"} })
	var text bytes.Buffer
	if err := rosters.Generate(&text, rosters.Options{Members: 300}); err != nil {
		t.Fatal(err)
	}
	i := b.done("Larkspur", text.String())
	most := i.GetInvitable()
	if most < 20 {
		t.Fatalf("%d invitable", most)
	}
	send := func(limit int32, key string) (*enrollmentv1.SendInvitationsResponse, error) {
		return b.SendInvitations(ctx, &enrollmentv1.SendInvitationsRequest{ImportId: i.GetImportId(), Limit: limit, IdempotencyKey: key})
	}
	first, err := send(10, "first-key")
	if err != nil || first.GetQueued() != 10 || int64(first.GetLeft()) != most-10 {
		t.Fatalf("%v %v", first, err)
	}
	again, err := send(10, "first-key")
	if err != nil || again.GetQueued() != 10 || len(b.invited) != 10 {
		t.Errorf("repeated: %v %v, %d invited", again, err, len(b.invited))
	}
	if _, err := send(11, "first-key"); errs.ReasonOf(err) != "key_reused" {
		t.Errorf("same key, other request: %v", err)
	}
	rest, err := send(1000, "second-key")
	if err != nil || int64(rest.GetQueued()) != most-10 || rest.GetLeft() != 0 {
		t.Errorf("the rest: %v %v", rest, err)
	}
	if n := b.count(`SELECT count(*) FROM enrollment.members WHERE invited_at IS NOT NULL AND (email = '' OR birth_date > '2009-01-15')`); n != 0 {
		t.Errorf("%d minors or members without an address were invited", n)
	}
	for _, limit := range []int32{0, 1001, -1} {
		if _, err := send(limit, "third-key"); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	refused := b.load("Larkspur", "")
	_, err = b.SendInvitations(ctx, &enrollmentv1.SendInvitationsRequest{ImportId: refused.GetImportId(), Limit: 1, IdempotencyKey: "fourth-key"})
	if errs.ReasonOf(err) != "import_not_done" {
		t.Errorf("of a refused file: %v", err)
	}
	for _, id := range []string{"", "x", uuid.NewString()} {
		if _, err := b.GetImport(ctx, &enrollmentv1.GetImportRequest{ImportId: id}); errs.CodeOf(err) != errs.NotFound {
			t.Errorf("import %q: %v", id, err)
		}
		if _, err := b.ListRejects(ctx, &enrollmentv1.ListRejectsRequest{ImportId: id}); errs.CodeOf(err) != errs.NotFound {
			t.Errorf("findings of %q: %v", id, err)
		}
	}
}

// Findings come in pages, and who reads them is on record.
func TestFindingsInPages(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.payer("Juniper")
	whole := fixture(t, "latin-1")
	at, end := strings.Index(whole, "INS*"), strings.Index(whole, "SE*")
	var many strings.Builder
	for range 450 {
		many.WriteString("INS*Y*18*001*25*A~REF*0F*NOBODY~NM1*IL*1*Ash*Bo~")
	}
	i := b.done("Juniper", whole[:at]+many.String()+"SE*1356*0001~"+whole[end+len("SE*12*0001~"):])
	all := b.findings(i)
	if len(all) != 450 || i.GetRejected() != 450 {
		t.Fatalf("%d findings, %d rejected", len(all), i.GetRejected())
	}
	for n, f := range all {
		if f.GetNumber() != int64(n+1) || f.GetReason() != "not_on_file" || f.GetSegmentId() != "INS" || f.GetOffset() == 0 || f.GetMemberName() != "Bo Ash" {
			t.Fatalf("finding %d: %v", n, f)
		}
	}
	var read int
	b.at.Query(t, `SELECT count(*) FROM audit.entries WHERE action = 'roster.read_findings' AND account_id IS NOT NULL`, &read)
	if read != 3 {
		t.Errorf("%d readings on record", read)
	}
}
