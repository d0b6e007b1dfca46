package app

import (
	"fmt"
	"net/http"

	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1/schedulingv1connect"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/web"
	"github.com/bedside-health/bedside/internal/web/assets"
	"go.opentelemetry.io/otel/trace"
)

func buildWeb(b *boot) (*part, error) {
	if !assets.Built() {
		b.log.Warn("this binary was built without its styles and fonts: run `make build`")
	}
	w, err := newWeb(b)
	if err != nil {
		return nil, err
	}
	return &part{pages: traced(b.tracing, w.Handler())}, nil
}

// traced begins a trace for every page. Its name is the method alone: a path
// can hold what must not leave the process.
func traced(t *obs.Tracing, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := t.Span(r.Context(), "page "+r.Method, trace.SpanKindServer)
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func newWeb(b *boot) (*web.Web, error) {
	d := web.Deps{
		Verifier: b.verifier, Log: b.log, Clock: b.clock, Demo: b.cfg.Demo, DemoInbox: b.cfg.DemoInbox,
		HelpPhone: b.cfg.HelpPhone, CookieKey: b.cookie, Observe: b.metrics.HTTP,
	}
	var err error
	if d.Auth, err = client(b, "auth", authv1connect.NewAuthServiceClient); err != nil {
		return nil, err
	}
	if err := enrollmentClients(b, &d); err != nil {
		return nil, err
	}
	if d.Licensing, err = client(b, "licensing", licensingv1connect.NewLicensingServiceClient); err != nil {
		return nil, err
	}
	if d.Scheduling, err = client(b, "scheduling", schedulingv1connect.NewSchedulingServiceClient); err != nil {
		return nil, err
	}
	if err := accountClients(b, &d); err != nil {
		return nil, err
	}
	if d.Booking, err = client(b, "scheduling", schedulingv1connect.NewDeskServiceClient); err != nil {
		return nil, err
	}
	if d.TrustedProxies, err = b.cfg.Proxies(); err != nil {
		return nil, fmt.Errorf("reading the trusted proxies: %w", err)
	}
	w, err := web.New(d)
	if err != nil {
		return nil, fmt.Errorf("laying the pages: %w", err)
	}
	return w, nil
}

// enrollmentClients are those for the pages about people and rosters.
func enrollmentClients(b *boot, d *web.Deps) (err error) {
	if d.People, err = client(b, "enrollment", enrollmentv1connect.NewPeopleServiceClient); err != nil {
		return err
	}
	if d.Identity, err = client(b, "enrollment", enrollmentv1connect.NewIdentityServiceClient); err != nil {
		return err
	}
	if d.Roster, err = client(b, "enrollment", enrollmentv1connect.NewRosterServiceClient); err != nil {
		return err
	}
	if d.Acting, err = client(b, "enrollment", enrollmentv1connect.NewActingServiceClient); err != nil {
		return err
	}
	if d.Desk, err = client(b, "enrollment", enrollmentv1connect.NewDeskServiceClient); err != nil {
		return err
	}
	if d.Persons, err = client(b, "enrollment", enrollmentv1connect.NewPersonsServiceClient); err != nil {
		return err
	}
	if d.Invitations, err = client(b, "enrollment", enrollmentv1connect.NewInvitationServiceClient); err != nil {
		return err
	}
	d.Letters, err = client(b, "enrollment", enrollmentv1connect.NewLetterServiceClient)
	return err
}

// accountClients are those for the pages about accounts.
func accountClients(b *boot, d *web.Deps) (err error) {
	if d.Accounts, err = client(b, "auth", authv1connect.NewAccountServiceClient); err != nil {
		return err
	}
	if d.Admin, err = client(b, "auth", authv1connect.NewAdminServiceClient); err != nil {
		return err
	}
	if d.Contacts, err = client(b, "enrollment", enrollmentv1connect.NewContactServiceClient); err != nil {
		return err
	}
	d.Physicians, err = client(b, "licensing", licensingv1connect.NewPhysicianAccountServiceClient)
	return err
}
