package web

import (
	"net/http"

	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/principal"
)

// Permission says who may see a route: anybody, or one role. It never suffices:
// the services check again. The zero value lets nobody in.
type Permission int32

// The permissions of routes.
const (
	Public        Permission = -1
	Patient                  = Permission(rpcv1.Role_ROLE_PATIENT)
	Physician                = Permission(rpcv1.Role_ROLE_PHYSICIAN)
	Staff                    = Permission(rpcv1.Role_ROLE_STAFF)
	Officer                  = Permission(rpcv1.Role_ROLE_LICENSING_OFFICER)
	Administrator            = Permission(rpcv1.Role_ROLE_ADMINISTRATOR)
)

func (p Permission) allow(who principal.Principal) error {
	switch {
	case p == Public:
		return nil
	case who.Anonymous():
		return errs.New(errs.Unauthenticated, "sign_in_needed", "Please sign in first.")
	case p == 0 || !who.Has(rpcv1.Role(p)):
		return errs.New(errs.Forbidden, "not_allowed", "Your account may not do this.")
	}
	return nil
}

// Route is one row: method, path, permission, area, handler.
type Route struct {
	Method     string
	Path       string
	Permission Permission
	Area       Area
	Handle     func(*Call) error
	// Body is the largest request accepted; 64 KiB where zero.
	Body int64
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// routes is every page and form of the site.
func (s *Web) routes() []Route {
	rows := []Route{
		{Method: get, Path: "/{$}", Permission: Public, Area: AreaPatient, Handle: s.home},
		{Method: post, Path: "/language", Permission: Public, Area: AreaPatient, Handle: s.chooseLanguage},

		{Method: get, Path: "/book", Permission: Public, Area: AreaPatient, Handle: s.bookNeed},
		{Method: post, Path: "/book", Permission: Public, Area: AreaPatient, Handle: s.bookNeedSent},
		{Method: get, Path: "/book/zone", Permission: Public, Area: AreaPatient, Handle: s.bookZone},
		{Method: post, Path: "/book/zone", Permission: Public, Area: AreaPatient, Handle: s.bookZoneSent},
		{Method: get, Path: "/book/time", Permission: Public, Area: AreaPatient, Handle: s.bookTime},
		{Method: post, Path: "/book/time", Permission: Public, Area: AreaPatient, Handle: s.bookTimeSent},
		{Method: post, Path: "/book/again", Permission: Public, Area: AreaPatient, Handle: s.bookAgain},
		{Method: get, Path: "/book/sign-in", Permission: Public, Area: AreaPatient, Handle: s.bookSignIn},
		{Method: post, Path: "/book/sign-in", Permission: Public, Area: AreaPatient, Handle: s.bookSignInSent},
		{Method: get, Path: "/book/about", Permission: Patient, Area: AreaPatient, Handle: s.bookAbout},
		{Method: post, Path: "/book/about", Permission: Patient, Area: AreaPatient, Handle: s.bookAboutSent},
		{Method: get, Path: "/book/check", Permission: Patient, Area: AreaPatient, Handle: s.bookCheck},
		{Method: post, Path: "/book/check", Permission: Patient, Area: AreaPatient, Handle: s.bookCheckSent},

		{Method: get, Path: "/activate", Permission: Public, Area: AreaPatient, Handle: s.activate},
		{Method: post, Path: "/activate", Permission: Public, Area: AreaPatient, Handle: s.activateSent},
		{Method: get, Path: "/activate/code", Permission: Public, Area: AreaPatient, Handle: s.activateCode},
		{Method: post, Path: "/activate/code", Permission: Public, Area: AreaPatient, Handle: s.activateCodeSent},
		{Method: get, Path: "/activate/help", Permission: Public, Area: AreaPatient, Handle: s.activateHelp},
		{Method: get, Path: "/activate/invitation", Permission: Public, Area: AreaPatient, Handle: s.invitation},
		{Method: post, Path: "/activate/invitation", Permission: Public, Area: AreaPatient, Handle: s.invitationSent},
		{Method: get, Path: "/activate/{token}", Permission: Public, Area: AreaPatient, Handle: s.openInvitation},

		{Method: get, Path: "/sign-in", Permission: Public, Area: AreaPatient, Handle: s.signIn},
		{Method: post, Path: "/sign-in", Permission: Public, Area: AreaPatient, Handle: s.signInSent},
		{Method: get, Path: "/sign-in/code", Permission: Public, Area: AreaPatient, Handle: s.code},
		{Method: post, Path: "/sign-in/code", Permission: Public, Area: AreaPatient, Handle: s.codeSent},
		{Method: get, Path: "/sign-in/password", Permission: Public, Area: AreaPatient, Handle: s.password},
		{Method: post, Path: "/sign-in/password", Permission: Public, Area: AreaPatient, Handle: s.passwordSent},
		{Method: get, Path: "/physician/sign-in", Permission: Public, Area: AreaPhysician, Handle: s.signIn},
		{Method: post, Path: "/physician/sign-in", Permission: Public, Area: AreaPhysician, Handle: s.passwordSent},
		{Method: get, Path: "/staff/sign-in", Permission: Public, Area: AreaStaff, Handle: s.signIn},
		{Method: post, Path: "/staff/sign-in", Permission: Public, Area: AreaStaff, Handle: s.passwordSent},
		{Method: get, Path: "/licensing/sign-in", Permission: Public, Area: AreaLicensing, Handle: s.signIn},
		{Method: post, Path: "/licensing/sign-in", Permission: Public, Area: AreaLicensing, Handle: s.passwordSent},
		{Method: post, Path: "/sign-out", Permission: Public, Area: AreaPatient, Handle: s.signOut},
		{Method: post, Path: "/physician/sign-out", Permission: Public, Area: AreaPhysician, Handle: s.signOut},
		{Method: post, Path: "/staff/sign-out", Permission: Public, Area: AreaStaff, Handle: s.signOut},
		{Method: post, Path: "/licensing/sign-out", Permission: Public, Area: AreaLicensing, Handle: s.signOut},

		{Method: get, Path: "/appointments", Permission: Patient, Area: AreaPatient, Handle: s.appointments},
		{Method: get, Path: "/appointments/{id}", Permission: Patient, Area: AreaPatient, Handle: s.appointment},
		{Method: get, Path: "/appointments/{id}/booked", Permission: Patient, Area: AreaPatient, Handle: s.booked},
		{Method: get, Path: "/appointments/{id}/calendar.ics", Permission: Patient, Area: AreaPatient, Handle: s.calendarFile},
		{Method: get, Path: "/appointments/{id}/cancel", Permission: Patient, Area: AreaPatient, Handle: s.cancelPage},
		{Method: post, Path: "/appointments/{id}/cancel", Permission: Patient, Area: AreaPatient, Handle: s.cancelSent},
		{Method: get, Path: "/appointments/{id}/move", Permission: Patient, Area: AreaPatient, Handle: s.moveTimes},
		{Method: post, Path: "/appointments/{id}/move", Permission: Patient, Area: AreaPatient, Handle: s.moveTimesSent},
		{Method: get, Path: "/appointments/{id}/move/check", Permission: Patient, Area: AreaPatient, Handle: s.moveCheck},
		{Method: post, Path: "/appointments/{id}/move/check", Permission: Patient, Area: AreaPatient, Handle: s.moveCheckSent},

		{Method: get, Path: "/devices", Permission: Patient, Area: AreaPatient, Handle: s.devices},
		{Method: post, Path: "/devices/{id}/revoke", Permission: Patient, Area: AreaPatient, Handle: s.revokeDevice},
		{Method: post, Path: "/devices/revoke-all", Permission: Patient, Area: AreaPatient, Handle: s.revokeDevices},
		{Method: get, Path: "/physician/devices", Permission: Physician, Area: AreaPhysician, Handle: s.devices},
		{Method: post, Path: "/physician/devices/{id}/revoke", Permission: Physician, Area: AreaPhysician, Handle: s.revokeDevice},
		{Method: post, Path: "/physician/devices/revoke-all", Permission: Physician, Area: AreaPhysician, Handle: s.revokeDevices},
		{Method: get, Path: "/staff/devices", Permission: Staff, Area: AreaStaff, Handle: s.devices},
		{Method: post, Path: "/staff/devices/{id}/revoke", Permission: Staff, Area: AreaStaff, Handle: s.revokeDevice},
		{Method: post, Path: "/staff/devices/revoke-all", Permission: Staff, Area: AreaStaff, Handle: s.revokeDevices},
		{Method: get, Path: "/licensing/devices", Permission: Officer, Area: AreaLicensing, Handle: s.devices},
		{Method: post, Path: "/licensing/devices/{id}/revoke", Permission: Officer, Area: AreaLicensing, Handle: s.revokeDevice},
		{Method: post, Path: "/licensing/devices/revoke-all", Permission: Officer, Area: AreaLicensing, Handle: s.revokeDevices},
	}
	rows = append(rows, s.officeRoutes()...)
	rows = append(rows, s.authRoutes()...)
	rows = append(rows, s.schedRoutes()...)
	rows = append(rows, s.deskRoutes()...)
	rows = append(rows, s.actingRoutes()...)
	rows = append(rows, s.identityRoutes()...)
	rows = append(rows, s.personsRoutes()...)
	rows = append(rows, s.officerRoutes()...)
	if s.Demo {
		rows = append(rows,
			Route{Method: get, Path: "/_ui", Permission: Public, Area: AreaPatient, Handle: s.gallery},
			Route{Method: post, Path: "/demo/{role}", Permission: Public, Area: AreaPatient, Handle: s.demoSignIn},
		)
	}
	return rows
}
