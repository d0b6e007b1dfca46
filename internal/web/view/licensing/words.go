package licensing

import (
	"context"

	"github.com/bedside-health/bedside/internal/web/i18n"
)

func npiHint(ctx context.Context, demo bool) string {
	if demo {
		return i18n.T(ctx, "lic.npi_hint_demo")
	}
	return i18n.T(ctx, "lic.npi_hint")
}

func sourceHint(ctx context.Context, correct bool) string {
	if correct {
		return i18n.T(ctx, "lic.source_hint")
	}
	return i18n.T(ctx, "lic.source_hint_new")
}

func languagesClass(problem string) string {
	if problem != "" {
		return "field wrong"
	}
	return "field"
}
