package roster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var _ enrollmentv1connect.RosterServiceHandler = (*Service)(nil)

// findingsMost is how many findings one answer holds.
const findingsMost = 200

func parseID(v, field string) (uuid.UUID, error) {
	id, err := uuid.Parse(v)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, errs.InvalidFields(errs.Field{Name: field, Reason: "malformed"})
	}
	return id, nil
}

func errImportUnknown() error {
	return errs.New(errs.NotFound, "import_unknown", "There is no such import.")
}

// importID reads the id of an import to look at: what is no id is the id of none.
func importID(v string) (uuid.UUID, error) {
	id, err := uuid.Parse(v)
	if err != nil {
		return uuid.Nil, errImportUnknown()
	}
	return id, nil
}

func importMissing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errImportUnknown()
	}
	return fmt.Errorf("reading an import: %w", err)
}

// ListPayers implements enrollmentv1connect.RosterServiceHandler.
func (s *Service) ListPayers(ctx context.Context, _ *enrollmentv1.ListPayersRequest) (*enrollmentv1.ListPayersResponse, error) {
	all, err := s.q.ListPayers(ctx, s.db.R.DB(ctx))
	if err != nil {
		return nil, fmt.Errorf("listing payers: %w", err)
	}
	res := &enrollmentv1.ListPayersResponse{}
	for _, p := range all {
		res.Payers = append(res.Payers, &enrollmentv1.Payer{PayerId: p.PayerID.String(), Name: p.Name, Members: p.Members})
	}
	return res, nil
}

// BeginUpload implements enrollmentv1connect.RosterServiceHandler.
func (s *Service) BeginUpload(ctx context.Context, req *enrollmentv1.BeginUploadRequest) (*enrollmentv1.BeginUploadResponse, error) {
	payer, err := parseID(req.GetPayerId(), "payer_id")
	if err != nil {
		return nil, err
	}
	id, err := s.beginUpload(ctx, audit.ActorFrom(ctx), payer, req.GetFileName(), req.GetSize())
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.BeginUploadResponse{UploadId: id.String()}, nil
}

// UploadChunk implements enrollmentv1connect.RosterServiceHandler.
func (s *Service) UploadChunk(ctx context.Context, req *enrollmentv1.UploadChunkRequest) (*enrollmentv1.UploadChunkResponse, error) {
	id, err := parseID(req.GetUploadId(), "upload_id")
	if err != nil {
		return nil, err
	}
	if err := s.putChunk(ctx, audit.ActorFrom(ctx), id, req.GetNumber(), req.GetData()); err != nil {
		return nil, err
	}
	return &enrollmentv1.UploadChunkResponse{}, nil
}

// FinishUpload implements enrollmentv1connect.RosterServiceHandler.
func (s *Service) FinishUpload(ctx context.Context, req *enrollmentv1.FinishUploadRequest) (*enrollmentv1.FinishUploadResponse, error) {
	id, err := parseID(req.GetUploadId(), "upload_id")
	if err != nil {
		return nil, err
	}
	importID, err := s.finishUpload(ctx, audit.ActorFrom(ctx), id, req.GetChunks(), req.GetTest())
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.FinishUploadResponse{ImportId: importID.String()}, nil
}

// ListImports implements enrollmentv1connect.RosterServiceHandler.
func (s *Service) ListImports(ctx context.Context, _ *enrollmentv1.ListImportsRequest) (*enrollmentv1.ListImportsResponse, error) {
	all, err := s.q.ListImports(ctx, s.db.R.DB(ctx))
	if err != nil {
		return nil, fmt.Errorf("listing imports: %w", err)
	}
	res := &enrollmentv1.ListImportsResponse{}
	for _, i := range all {
		res.Imports = append(res.Imports, toProto(i.EnrollmentImport, i.PayerName))
	}
	return res, nil
}

// GetImport implements enrollmentv1connect.RosterServiceHandler.
func (s *Service) GetImport(ctx context.Context, req *enrollmentv1.GetImportRequest) (*enrollmentv1.GetImportResponse, error) {
	id, err := importID(req.GetImportId())
	if err != nil {
		return nil, err
	}
	i, err := s.describe(ctx, id)
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.GetImportResponse{Import: i}, nil
}

// describe reads an import, and counts who may be invited once it is done. It
// asks the primary: a command reads its own result.
func (s *Service) describe(ctx context.Context, id uuid.UUID) (*enrollmentv1.Import, error) {
	row, err := s.q.ImportByID(ctx, s.db.W.DB(), id)
	if err != nil {
		return nil, importMissing(err)
	}
	out := toProto(row.EnrollmentImport, row.PayerName)
	if out.GetStatus() != "done" {
		return out, nil
	}
	n, err := s.q.CountInvitations(ctx, s.db.W.DB(), db.CountInvitationsParams{ImportID: id, AdultIfBornBy: s.adultIfBornBy()})
	if err != nil {
		return nil, fmt.Errorf("counting who may be invited: %w", err)
	}
	out.Invitable, out.Invited = n.Invitable, n.Invited
	return out, nil
}

// ListRejects implements enrollmentv1connect.RosterServiceHandler. Findings
// name members, so the reading is recorded first.
func (s *Service) ListRejects(ctx context.Context, req *enrollmentv1.ListRejectsRequest) (*enrollmentv1.ListRejectsResponse, error) {
	id, err := importID(req.GetImportId())
	if err != nil {
		return nil, err
	}
	if _, err := s.q.ImportByID(ctx, s.db.W.DB(), id); err != nil {
		return nil, importMissing(err)
	}
	all, err := s.q.ListFindings(ctx, s.db.W.DB(), db.ListFindingsParams{ImportID: id, After: req.GetAfter(), Most: findingsMost})
	if err != nil {
		return nil, fmt.Errorf("listing findings: %w", err)
	}
	err = s.audit.Record(ctx, audit.Entry{Actor: audit.ActorFrom(ctx), Action: "roster.read_findings", Subject: "import/" + id.String()})
	if err != nil {
		return nil, err
	}
	res := &enrollmentv1.ListRejectsResponse{}
	for _, f := range all {
		res.Findings = append(res.Findings, findingProto(f))
		if len(all) == findingsMost {
			res.Next = f.Number
		}
	}
	return res, nil
}

func findingProto(f db.EnrollmentFinding) *enrollmentv1.Finding {
	return &enrollmentv1.Finding{
		Number: f.Number, Kind: f.Kind, Reason: f.Reason, Message: f.Message, Segment: f.Segment, SegmentId: f.SegmentID,
		Element: f.Element, Offset: f.ByteOffset, SubscriberId: f.SubscriberNo, MemberName: f.MemberName,
	}
}

func toProto(i db.EnrollmentImport, payer string) *enrollmentv1.Import {
	out := &enrollmentv1.Import{
		ImportId: i.ImportID.String(), PayerId: i.PayerID.String(), PayerName: payer, FileName: i.FileName, Status: i.Status,
		BytesTotal: i.BytesTotal, BytesRead: i.BytesRead, MembersRead: i.MembersRead, MembersApplied: i.MembersApplied,
		MembersAdded: i.MembersAdded, MembersChanged: i.MembersChanged, MembersEnded: i.MembersEnded, MembersUnchanged: i.MembersUnchanged,
		CoveragesAdded: i.CoveragesAdded, CoveragesChanged: i.CoveragesChanged, CoveragesEnded: i.CoveragesEnded,
		Rejected: i.Rejected + i.Held, Warnings: i.Warnings, StartedAt: timestamppb.New(i.StartedAt), FinishedAt: stamp(i.FinishedAt), Actor: actorName(i),
	}
	if i.RefusalReason != "" {
		out.Refusal = &enrollmentv1.Finding{
			Number: 1, Kind: refusalKind(i.RefusalReason), Reason: i.RefusalReason, Message: i.RefusalMessage, Segment: i.RefusalSegment,
			SegmentId: i.RefusalSegmentID, Element: i.RefusalElement, Offset: i.RefusalOffset,
		}
	}
	return out
}

func stamp(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

// actorName says who began an import: an account's id, which pages turn into a
// name, or who ran the command.
func actorName(i db.EnrollmentImport) string {
	switch {
	case i.AccountID != nil:
		return i.AccountID.String()
	case i.OsUser != "":
		return i.OsUser
	}
	return i.ActorService
}
