package app

import (
	"maps"
	"slices"
	"strings"
	"testing"

	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// method is one RPC method, as the contract describes it.
type method struct{ desc protoreflect.MethodDescriptor }

// methods lists every method of every service, from the descriptors of the
// contract itself: none can be forgotten.
func methods() []method {
	var out []method
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(f.Package()), "bedside.") {
			return true
		}
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				out = append(out, method{s.Methods().Get(j)})
			}
		}
		return true
	})
	slices.SortFunc(out, func(a, b method) int { return strings.Compare(a.procedure(), b.procedure()) })
	return out
}

// methodNamed finds a method by its procedure; the zero method if there is
// none.
func methodNamed(procedure string) method {
	name := strings.ReplaceAll(strings.TrimPrefix(procedure, "/"), "/", ".")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return method{}
	}
	m, _ := d.(protoreflect.MethodDescriptor)
	return method{m}
}

func (m method) procedure() string {
	return "/" + string(m.desc.Parent().FullName()) + "/" + string(m.desc.Name())
}

// target is who serves the method: the packages are named after the targets.
func (m method) target() string { return strings.Split(string(m.desc.ParentFile().Package()), ".")[1] }

func (m method) input() proto.Message  { return fresh(m.desc.Input()) }
func (m method) output() proto.Message { return fresh(m.desc.Output()) }

func fresh(d protoreflect.MessageDescriptor) proto.Message {
	t, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return nil
	}
	return t.New().Interface()
}

// access reads the method's option: who may call it.
func (m method) access() *rpcv1.Access {
	a, _ := proto.GetExtension(m.desc.Options(), rpcv1.E_Access).(*rpcv1.Access)
	return a
}

// whoMay is the contract once more, in words: loosening a permission takes two
// changes. A star marks what refuses while revocations cannot be heard.
func whoMay() map[string]string {
	return map[string]string{
		"/bedside.auth.v1.AuthService/RequestCode":        "anybody",
		"/bedside.auth.v1.AuthService/SignInWithCode":     "anybody",
		"/bedside.auth.v1.AuthService/SignInWithPassword": "anybody",
		"/bedside.auth.v1.AuthService/SignInWithTicket":   "anybody",
		"/bedside.auth.v1.AuthService/SignInDemo":         "anybody",
		"/bedside.auth.v1.AuthService/Renew":              "anybody",
		"/bedside.auth.v1.AuthService/SignOut":            "patient physician staff licensing_officer administrator",
		"/bedside.auth.v1.AuthService/ListSessions":       "patient physician staff licensing_officer administrator",
		"/bedside.auth.v1.AuthService/RevokeSession":      "patient physician staff licensing_officer administrator",
		"/bedside.auth.v1.AuthService/RevokeAllSessions":  "patient physician staff licensing_officer administrator",
		"/bedside.auth.v1.AuthService/SetPassword":        "patient physician staff licensing_officer administrator *",
		"/bedside.auth.v1.AuthService/EnsureAccount":      "services",
		"/bedside.auth.v1.AuthService/Keys":               "services",
		"/bedside.auth.v1.AuthService/Changes":            "services",
		"/bedside.auth.v1.AuthService/ReadKeys":           "services",

		"/bedside.enrollment.v1.PeopleService/OpenInvitation":      "anybody",
		"/bedside.enrollment.v1.PeopleService/AcceptInvitation":    "anybody",
		"/bedside.enrollment.v1.PeopleService/StartActivation":     "anybody",
		"/bedside.enrollment.v1.PeopleService/ConfirmActivation":   "anybody",
		"/bedside.enrollment.v1.PeopleService/ListActivationCases": "staff",
		"/bedside.enrollment.v1.PeopleService/Me":                  "patient",
		"/bedside.enrollment.v1.PeopleService/SetLanguage":         "patient",
		"/bedside.enrollment.v1.PeopleService/ReadConsent":         "anybody",
		"/bedside.enrollment.v1.PeopleService/RecordConsent":       "patient",
		"/bedside.enrollment.v1.PeopleService/Changes":             "services",
		"/bedside.enrollment.v1.PeopleService/ReadKeys":            "services",

		"/bedside.enrollment.v1.RosterService/ListPayers":      "staff",
		"/bedside.enrollment.v1.RosterService/BeginUpload":     "staff *",
		"/bedside.enrollment.v1.RosterService/UploadChunk":     "staff *",
		"/bedside.enrollment.v1.RosterService/FinishUpload":    "staff *",
		"/bedside.enrollment.v1.RosterService/ListImports":     "staff",
		"/bedside.enrollment.v1.RosterService/GetImport":       "staff",
		"/bedside.enrollment.v1.RosterService/ListRejects":     "staff",
		"/bedside.enrollment.v1.RosterService/SendInvitations": "staff *",

		"/bedside.licensing.v1.LicensingService/ListPhysicians": "staff licensing_officer",
		"/bedside.licensing.v1.LicensingService/GetPhysician":   "staff licensing_officer",
		"/bedside.licensing.v1.LicensingService/GetMyLicenses":  "physician",
		"/bedside.licensing.v1.LicensingService/AddPhysician":   "licensing_officer *",
		"/bedside.licensing.v1.LicensingService/AddLicense":     "licensing_officer *",
		"/bedside.licensing.v1.LicensingService/CorrectLicense": "licensing_officer *",
		"/bedside.licensing.v1.LicensingService/ListRules":      "physician staff licensing_officer",
		"/bedside.licensing.v1.LicensingService/ListLicenses":   "licensing_officer",
		"/bedside.licensing.v1.LicensingService/TryRules":       "physician staff licensing_officer",
		"/bedside.licensing.v1.LicensingService/Changes":        "services",
		"/bedside.licensing.v1.LicensingService/ReadKeys":       "services",
		"/bedside.licensing.v1.LicensingService/Sweep":          "services",

		"/bedside.scheduling.v1.SchedulingService/ListServices":        "anybody",
		"/bedside.scheduling.v1.SchedulingService/Search":              "anybody",
		"/bedside.scheduling.v1.SchedulingService/PlaceHold":           "anybody",
		"/bedside.scheduling.v1.SchedulingService/GetHold":             "anybody",
		"/bedside.scheduling.v1.SchedulingService/ExtendHold":          "anybody",
		"/bedside.scheduling.v1.SchedulingService/ReleaseHold":         "anybody",
		"/bedside.scheduling.v1.SchedulingService/SaveAnswers":         "patient",
		"/bedside.scheduling.v1.SchedulingService/Book":                "patient",
		"/bedside.scheduling.v1.SchedulingService/Cancel":              "patient",
		"/bedside.scheduling.v1.SchedulingService/Reschedule":          "patient",
		"/bedside.scheduling.v1.SchedulingService/ListAppointments":    "patient",
		"/bedside.scheduling.v1.SchedulingService/GetAppointment":      "patient",
		"/bedside.scheduling.v1.SchedulingService/ChangePayment":       "patient",
		"/bedside.scheduling.v1.SchedulingService/ListAffected":        "staff",
		"/bedside.scheduling.v1.SchedulingService/SignConsent":         "patient",
		"/bedside.scheduling.v1.SchedulingService/PhysicianDay":        "physician",
		"/bedside.scheduling.v1.SchedulingService/SetAvailability":     "physician services",
		"/bedside.scheduling.v1.SchedulingService/GetAvailability":     "physician",
		"/bedside.scheduling.v1.SchedulingService/PreviewAvailability": "physician",
		"/bedside.scheduling.v1.SchedulingService/Changes":             "services",
		"/bedside.scheduling.v1.SchedulingService/ReadKeys":            "services",
	}
}

// words is an access option as whoMay writes it.
func words(a *rpcv1.Access) string {
	var out []string
	if a.GetAnonymous() {
		out = append(out, "anybody")
	}
	roles := slices.Clone(a.GetRoles())
	slices.Sort(roles)
	for _, r := range roles {
		out = append(out, strings.ToLower(strings.TrimPrefix(r.String(), "ROLE_")))
	}
	if a.GetService() {
		out = append(out, "services")
	}
	if a.GetStrict() {
		out = append(out, "*")
	}
	return strings.Join(out, " ")
}

func TestEveryMethodSaysWhoMayCallIt(t *testing.T) {
	t.Parallel()
	want := whoMay()
	maps.Copy(want, whoMayAccounts())
	maps.Copy(want, deskMay())
	maps.Copy(want, whoMayIdentify())
	maps.Copy(want, whoMayAct())
	maps.Copy(want, whoMayPersons())
	for _, m := range methods() {
		if got := words(m.access()); got != want[m.procedure()] || got == "" {
			t.Errorf("%s may be called by %q, want %q", m.procedure(), got, want[m.procedure()])
		}
		delete(want, m.procedure())
	}
	for gone := range want {
		t.Errorf("%s is not in the contract any more", gone)
	}
}
