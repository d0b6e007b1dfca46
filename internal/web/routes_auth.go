package web

// authRoutes is every page and form of accounts: the ways back into one, what
// is one's own, and administration.
func (s *Web) authRoutes() []Route {
	rows := []Route{
		{Method: get, Path: "/sign-in/forgotten", Permission: Public, Area: AreaPatient, Handle: s.forgotten},
		{Method: post, Path: "/sign-in/forgotten", Permission: Public, Area: AreaPatient, Handle: s.forgottenSent},
		{Method: get, Path: "/sign-in/forgotten/sent", Permission: Public, Area: AreaPatient, Handle: s.forgottenDone},
		{Method: get, Path: "/sign-in/reset/{token}", Permission: Public, Area: AreaPatient, Handle: s.openReset},
		{Method: get, Path: "/sign-in/reset", Permission: Public, Area: AreaPatient, Handle: s.reset},
		{Method: post, Path: "/sign-in/reset", Permission: Public, Area: AreaPatient, Handle: s.resetSent},
		{Method: get, Path: "/sign-in/new-address/{token}", Permission: Public, Area: AreaPatient, Handle: s.openNewAddress},
		{Method: get, Path: "/sign-in/new-address", Permission: Public, Area: AreaPatient, Handle: s.newAddress},
		{Method: post, Path: "/sign-in/new-address", Permission: Public, Area: AreaPatient, Handle: s.newAddressSent},
		{Method: get, Path: "/sign-in/invited/{token}", Permission: Public, Area: AreaPatient, Handle: s.openInvited},
		{Method: get, Path: "/sign-in/invited", Permission: Public, Area: AreaPatient, Handle: s.invited},
		{Method: post, Path: "/sign-in/invited", Permission: Public, Area: AreaPatient, Handle: s.invitedSent},
		{Method: get, Path: "/sign-in/invited/authenticator", Permission: Public, Area: AreaPatient, Handle: s.authenticator},
		{Method: post, Path: "/sign-in/invited/authenticator", Permission: Public, Area: AreaPatient, Handle: s.authenticatorSent},

		{Method: get, Path: "/admin/sign-in", Permission: Public, Area: AreaAdmin, Handle: s.signIn},
		{Method: post, Path: "/admin/sign-in", Permission: Public, Area: AreaAdmin, Handle: s.passwordSent},
		{Method: post, Path: "/admin/sign-out", Permission: Public, Area: AreaAdmin, Handle: s.signOut},
		{Method: get, Path: "/admin/devices", Permission: Administrator, Area: AreaAdmin, Handle: s.devices},
		{Method: post, Path: "/admin/devices/{id}/revoke", Permission: Administrator, Area: AreaAdmin, Handle: s.revokeDevice},
		{Method: post, Path: "/admin/devices/revoke-all", Permission: Administrator, Area: AreaAdmin, Handle: s.revokeDevices},

		{Method: post, Path: "/switch/{area}", Permission: Public, Area: AreaPatient, Handle: s.switchArea},
		{Method: get, Path: "/signed-out", Permission: Public, Area: AreaPatient, Handle: s.signedOut},
		{Method: post, Path: "/sign-out/everywhere", Permission: Public, Area: AreaPatient, Handle: s.signOutEverywhere},

		{Method: post, Path: "/account/mail", Permission: Patient, Area: AreaPatient, Handle: s.mailHere},
		{Method: get, Path: "/account/phone", Permission: Patient, Area: AreaPatient, Handle: s.phone},
		{Method: post, Path: "/account/phone", Permission: Patient, Area: AreaPatient, Handle: s.phoneSent},
		{Method: get, Path: "/account/address", Permission: Patient, Area: AreaPatient, Handle: s.address},
		{Method: post, Path: "/account/address", Permission: Patient, Area: AreaPatient, Handle: s.addressSent},
		{Method: get, Path: "/account/consents", Permission: Patient, Area: AreaPatient, Handle: s.consents},
		{Method: get, Path: "/account/consents/{id}", Permission: Patient, Area: AreaPatient, Handle: s.consent},
	}
	for _, a := range Areas() {
		rows = append(rows, s.accountRoutes(a)...)
	}
	return append(rows, s.adminRoutes()...)
}

// accountRoutes are the pages about one's own account, in an area.
func (s *Web) accountRoutes(a Area) []Route {
	prefix, own := a.Prefix()+"/account", Permission(a.Role())
	rows := []Route{
		{Method: get, Path: prefix, Permission: own, Area: a, Handle: s.account},
		{Method: get, Path: prefix + "/password", Permission: own, Area: a, Handle: s.newPassword},
		{Method: post, Path: prefix + "/password", Permission: own, Area: a, Handle: s.newPasswordSent},
		{Method: get, Path: prefix + "/email", Permission: own, Area: a, Handle: s.email},
		{Method: post, Path: prefix + "/email", Permission: own, Area: a, Handle: s.emailSent},
		{Method: get, Path: prefix + "/email/code", Permission: own, Area: a, Handle: s.emailCode},
		{Method: post, Path: prefix + "/email/code", Permission: own, Area: a, Handle: s.emailCodeSent},
	}
	if a == AreaPatient {
		return rows
	}
	return append(rows,
		Route{Method: get, Path: prefix + "/recovery", Permission: own, Area: a, Handle: s.recovery},
		Route{Method: post, Path: prefix + "/recovery", Permission: own, Area: a, Handle: s.recoverySent},
		Route{Method: get, Path: prefix + "/recovery/codes", Permission: own, Area: a, Handle: s.recoveryCodes},
		Route{Method: post, Path: prefix + "/recovery/codes", Permission: own, Area: a, Handle: s.recoveryCodesKept},
	)
}

func (s *Web) adminRoutes() []Route {
	return []Route{
		{Method: get, Path: "/admin/people", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkers},
		{Method: post, Path: "/admin/people", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkersSearched},
		{Method: get, Path: "/admin/people/new", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerNew},
		{Method: post, Path: "/admin/people/new", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerNewSent},
		{Method: get, Path: "/admin/people/{id}", Permission: Administrator, Area: AreaAdmin, Handle: s.coworker},
		{Method: post, Path: "/admin/people/{id}/roles", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerRoles},
		{Method: post, Path: "/admin/people/{id}/physician", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerPhysician},
		{Method: post, Path: "/admin/people/{id}/resend", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerResend},
		{Method: get, Path: "/admin/people/{id}/disable", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerDisable},
		{Method: post, Path: "/admin/people/{id}/disable", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerDisableSent},
		{Method: post, Path: "/admin/people/{id}/enable", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerEnable},
		{Method: get, Path: "/admin/people/{id}/email", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerEmail},
		{Method: post, Path: "/admin/people/{id}/email", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerEmailSent},
		{Method: get, Path: "/admin/people/{id}/reset", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerReset},
		{Method: post, Path: "/admin/people/{id}/reset", Permission: Administrator, Area: AreaAdmin, Handle: s.coworkerResetSent},
	}
}
