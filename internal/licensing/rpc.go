package licensing

import (
	"context"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
)

// ListPhysicians implements LicensingService.
func (s *Service) ListPhysicians(ctx context.Context, req *licensingv1.ListPhysiciansRequest) (*licensingv1.ListPhysiciansResponse, error) {
	return s.listPhysicians(ctx, req)
}

// GetPhysician implements LicensingService.
func (s *Service) GetPhysician(ctx context.Context, req *licensingv1.GetPhysicianRequest) (*licensingv1.GetPhysicianResponse, error) {
	return s.getPhysician(ctx, req)
}

// GetMyLicenses implements LicensingService.
func (s *Service) GetMyLicenses(ctx context.Context, _ *licensingv1.GetMyLicensesRequest) (*licensingv1.GetMyLicensesResponse, error) {
	return s.getMyLicenses(ctx)
}

// AddPhysician implements LicensingService.
func (s *Service) AddPhysician(ctx context.Context, req *licensingv1.AddPhysicianRequest) (*licensingv1.AddPhysicianResponse, error) {
	return s.addPhysician(ctx, req)
}

// AddLicense implements LicensingService.
func (s *Service) AddLicense(ctx context.Context, req *licensingv1.AddLicenseRequest) (*licensingv1.AddLicenseResponse, error) {
	return s.addLicense(ctx, req)
}

// CorrectLicense implements LicensingService.
func (s *Service) CorrectLicense(ctx context.Context, req *licensingv1.CorrectLicenseRequest) (*licensingv1.CorrectLicenseResponse, error) {
	return s.correctLicense(ctx, req)
}

// ListRules implements LicensingService.
func (s *Service) ListRules(ctx context.Context, _ *licensingv1.ListRulesRequest) (*licensingv1.ListRulesResponse, error) {
	return s.listRules(ctx)
}

// ListLicenses implements LicensingService.
func (s *Service) ListLicenses(ctx context.Context, req *licensingv1.ListLicensesRequest) (*licensingv1.ListLicensesResponse, error) {
	return s.listLicenses(ctx, req)
}

// TryRules implements LicensingService.
func (s *Service) TryRules(ctx context.Context, req *licensingv1.TryRulesRequest) (*licensingv1.TryRulesResponse, error) {
	return s.tryRules(ctx, req)
}

// Changes implements LicensingService.
func (s *Service) Changes(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	return s.source.Changes(ctx, req)
}

// ReadKeys implements LicensingService.
func (s *Service) ReadKeys(ctx context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	return s.source.ReadKeys(ctx, req)
}

// Sweep implements LicensingService.
func (s *Service) Sweep(ctx context.Context, req *feedv1.SweepRequest) (*feedv1.SweepResponse, error) {
	return s.source.Sweep(ctx, req)
}
