package people

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var _ enrollmentv1connect.PeopleServiceHandler = (*Service)(nil)

// maxCases bounds one answer of ListActivationCases.
const maxCases = 200

// OpenInvitation says whether a link is good. Codes: NotFound, Precondition,
// Throttled.
func (s *Service) OpenInvitation(ctx context.Context, req *enrollmentv1.OpenInvitationRequest) (*enrollmentv1.OpenInvitationResponse, error) {
	o, err := s.openInvitation(ctx, req.GetToken(), req.GetAddress())
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.OpenInvitationResponse{GivenName: o.givenName, MaskedEmail: o.maskedEmail, Language: o.language}, nil
}

// AcceptInvitation activates by a link and the birth date. Codes: Invalid,
// NotFound, Precondition, Throttled, Unavailable.
func (s *Service) AcceptInvitation(ctx context.Context, req *enrollmentv1.AcceptInvitationRequest) (*enrollmentv1.AcceptInvitationResponse, error) {
	a, err := s.acceptInvitation(ctx, acceptance{
		token: req.GetToken(), birthDate: req.GetBirthDate(), language: req.GetLanguage(), address: req.GetAddress(),
	})
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.AcceptInvitationResponse{Ticket: a.ticket, PatientId: idOrEmpty(a.patient), Reference: a.reference}, nil
}

// StartActivation takes typed details and answers all alike. Codes: Invalid,
// Throttled, Unavailable.
func (s *Service) StartActivation(ctx context.Context, req *enrollmentv1.StartActivationRequest) (*enrollmentv1.StartActivationResponse, error) {
	a, err := s.startActivation(ctx, details{
		memberID: req.GetMemberId(), familyName: req.GetFamilyName(), birthDate: req.GetBirthDate(),
		language: req.GetLanguage(), address: req.GetAddress(),
	})
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.StartActivationResponse{ActivationId: a.activation.String(), Reference: a.reference}, nil
}

// ConfirmActivation ends an activation with the mailed code. Codes: Invalid,
// Precondition, Throttled, Unavailable.
func (s *Service) ConfirmActivation(ctx context.Context, req *enrollmentv1.ConfirmActivationRequest) (*enrollmentv1.ConfirmActivationResponse, error) {
	id, err := uuid.Parse(req.GetActivationId())
	if err != nil {
		return nil, errCodeExpired().With(fmt.Errorf("reading the activation's id: %w", err))
	}
	a, err := s.confirmActivation(ctx, id, req.GetCode(), req.GetAddress())
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.ConfirmActivationResponse{Ticket: a.ticket, PatientId: idOrEmpty(a.patient), Reference: a.reference}, nil
}

// ListActivationCases lists what staff must look at, newest first.
func (s *Service) ListActivationCases(ctx context.Context, _ *enrollmentv1.ListActivationCasesRequest) (*enrollmentv1.ListActivationCasesResponse, error) {
	rows, err := s.q.OpenCases(ctx, s.db.R.DB(ctx), maxCases)
	if err != nil {
		return nil, fmt.Errorf("reading cases: %w", err)
	}
	res := &enrollmentv1.ListActivationCasesResponse{}
	for _, r := range rows {
		res.Cases = append(res.Cases, &enrollmentv1.ActivationCase{Reference: r.Reference, Reason: r.Reason, At: timestamppb.New(r.At)})
	}
	return res, nil
}

// Me lists the patients that the caller may act for.
func (s *Service) Me(ctx context.Context, _ *enrollmentv1.MeRequest) (*enrollmentv1.MeResponse, error) {
	all, err := s.me(ctx, audit.ActorFrom(ctx))
	if err != nil {
		return nil, err
	}
	return &enrollmentv1.MeResponse{Patients: all}, nil
}

// SetLanguage sets a patient's language. Codes: Invalid, NotFound.
func (s *Service) SetLanguage(ctx context.Context, req *enrollmentv1.SetLanguageRequest) (*enrollmentv1.SetLanguageResponse, error) {
	patient, err := ids.Parse[ids.PatientID](req.GetPatientId())
	if err != nil {
		return nil, err
	}
	if err := s.setLanguage(ctx, audit.ActorFrom(ctx), patient, req.GetLanguage()); err != nil {
		return nil, err
	}
	return &enrollmentv1.SetLanguageResponse{}, nil
}

// ReadConsent gives the words of a consent. Codes: Invalid.
func (s *Service) ReadConsent(_ context.Context, req *enrollmentv1.ReadConsentRequest) (*enrollmentv1.ReadConsentResponse, error) {
	d, ok := s.docs.newest(req.GetKind(), req.GetLanguage())
	if req.GetVersion() != "" {
		d, ok = s.docs.find(req.GetKind(), req.GetVersion(), req.GetLanguage())
	}
	if !ok {
		return nil, errConsentUnknown()
	}
	return &enrollmentv1.ReadConsentResponse{
		Kind: d.kind, Version: d.version, Language: d.language, Title: d.title, Paragraphs: d.paragraphs, DocumentHash: d.hash,
	}, nil
}

// RecordConsent stores a consent. Codes: Invalid, NotFound, Conflict.
func (s *Service) RecordConsent(ctx context.Context, req *enrollmentv1.RecordConsentRequest) (*enrollmentv1.RecordConsentResponse, error) {
	patient, err := ids.Parse[ids.PatientID](req.GetPatientId())
	if err != nil {
		return nil, err
	}
	return s.recordConsent(ctx, audit.ActorFrom(ctx), patient, req)
}

// Changes serves the feed of patients.
func (s *Service) Changes(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	return s.source.Changes(ctx, req)
}

// ReadKeys serves the newest facts of some patients.
func (s *Service) ReadKeys(ctx context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	return s.source.ReadKeys(ctx, req)
}

func idOrEmpty(id ids.PatientID) string {
	if id.UUID == uuid.Nil {
		return ""
	}
	return id.String()
}
