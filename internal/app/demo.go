package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/auth"
	"github.com/bedside-health/bedside/internal/demo"
	"github.com/bedside-health/bedside/internal/demo/physicians"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/licensing"
	"github.com/bedside-health/bedside/internal/scheduling"
)

// DemoPayer is the payer whose roster waits to be imported.
const DemoPayer = demo.Payer

// DemoSignIns lists the demo sign-ins, a line each.
func DemoSignIns() string {
	var b strings.Builder
	for _, a := range demo.Accounts() {
		second := ""
		if a.Role != rpcv1.Role_ROLE_PATIENT {
			second = "   and a code for the authenticator secret " + demo.TOTPSecret
		}
		_, _ = fmt.Fprintf(&b, "  %-28s  %s%s\n", a.Email, demo.Password, second)
	}
	return b.String()
}

func seedAccounts(ctx context.Context, svc *auth.Service) error {
	var all []auth.DemoAccount
	for _, a := range demo.Accounts() {
		one := auth.DemoAccount{AccountID: a.ID, Email: a.Email, Roles: []rpcv1.Role{a.Role}, Password: demo.Password}
		if a.Role != rpcv1.Role_ROLE_PATIENT {
			one.TOTPSecret = demo.TOTPSecret
		}
		all = append(all, one)
	}
	if err := svc.SeedDemo(ctx, all); err != nil {
		return fmt.Errorf("making demo accounts: %w", err)
	}
	return nil
}

func seedPhysicians(ctx context.Context, svc *licensing.Service) error {
	var all []licensing.DemoPhysician
	for i, p := range physicians.All(time.Now().UTC()) {
		if i == 0 {
			p.Physician.AccountId = demo.PhysicianAccount().String()
		}
		all = append(all, licensing.DemoPhysician{Physician: p.Physician, Licenses: p.Licenses})
	}
	if err := svc.PublishRules(ctx); err != nil {
		return fmt.Errorf("publishing the rules: %w", err)
	}
	if err := svc.SeedDemo(ctx, all); err != nil {
		return fmt.Errorf("making demo physicians: %w", err)
	}
	return nil
}

func seedCalendars(ctx context.Context, svc *scheduling.Service) error {
	var all []scheduling.DemoWeek
	for _, p := range physicians.All(time.Now().UTC()) {
		all = append(all, scheduling.DemoWeek{PhysicianID: p.Physician.GetPhysicianId(), Weekly: p.Weekly})
	}
	if err := svc.SeedDemo(ctx, all); err != nil {
		return fmt.Errorf("making demo calendars: %w", err)
	}
	return nil
}
