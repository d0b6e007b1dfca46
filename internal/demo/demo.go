// Package demo holds the invented people that a portal on one machine starts
// with. Nobody in it exists; mail addresses end in .test, NPIs begin with 9999
// and can never be issued.
package demo

import (
	"fmt"
	"strings"

	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

const (
	// Payer is the invented insurer whose roster waits to be imported.
	Payer = "Larkspur Health Plan"
	// PayerID is what its files call it in N1*IN.
	PayerID = "999000333"
	// PatientPayer is the invented insurer of the demo patient, who is there
	// from the start.
	PatientPayer = "Tidewater Mutual Care"
	// PatientPayerID is what its files call it in N1*IN.
	PatientPayerID = "999000222"
	// Password of the demo accounts that sign in with one; 15 characters or
	// more, as everybody's.
	Password = "demo lantern harbor" //nolint:gosec // invented people only; refused outside of a demo
	// TOTPSecret of those who need a second factor.
	TOTPSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" //nolint:gosec // as above
)

// Account is an invented person who can sign in.
type Account struct {
	ID    ids.AccountID
	Role  rpcv1.Role
	Name  string
	Email string
}

// Accounts lists them: one of each role.
func Accounts() []Account {
	one := func(n int, role rpcv1.Role, name, email string) Account {
		return Account{ID: ids.AccountID{UUID: accountUUID(n)}, Role: role, Name: name, Email: email}
	}
	return []Account{
		one(1, rpcv1.Role_ROLE_PATIENT, "Rosa Delgado", "rosa.delgado@demo.test"),
		one(2, rpcv1.Role_ROLE_PHYSICIAN, "a demo physician", "physician@demo.test"),
		one(3, rpcv1.Role_ROLE_STAFF, "Sam Whitlock", "staff@demo.test"),
		one(4, rpcv1.Role_ROLE_LICENSING_OFFICER, "Lena Marsh", "licensing@demo.test"),
		one(5, rpcv1.Role_ROLE_ADMINISTRATOR, "Ada Quill", "admin@demo.test"),
	}
}

// accountUUID makes the same ids at every start: a name-based UUID (RFC 9562,
// version 5) of a name that only the demo uses.
func accountUUID(n int) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "bedside-demo-account-%d", n))
}

// PhysicianAccount is the account of the first demo physician.
func PhysicianAccount() ids.AccountID { return Accounts()[1].ID }

// PatientRoster is the demo patient's own little roster: an 834 of one family.
func PatientRoster() string {
	lines := []string{
		"ISA*00*          *00*          *ZZ*TIDEWATERMUTUAL*ZZ*BEDSIDE        *260105*0900*^*00501*000000001*0*P*:",
		"GS*BE*TIDEWATERMUTUAL*BEDSIDE*20260105*0900*1*X*005010X220A1",
		"ST*834*0001*005010X220A1",
		"BGN*00*TW-1*20260105*0900****2",
		"REF*38*TW-GROUP-1",
		"N1*P5*TIDEWATER SCHOOLS*FI*999000111",
		"N1*IN*TIDEWATER MUTUAL CARE*FI*999000222",
		"INS*Y*18*021*28*A***FT", "REF*0F*TW7000001", "REF*1L*TW-GROUP-1", "DTP*356*D8*20260101",
		"NM1*IL*1*DELGADO*ROSA", "PER*IP**TE*2155550142*EM*ROSA.DELGADO@DEMO.TEST",
		"N3*12 WILLOW LANE", "N4*PHILADELPHIA*PA*19103", "DMG*D8*19610412*F",
		"HD*021**HMO*EVERYDAY HMO*FAM", "DTP*348*D8*20260101",
		"INS*N*19*021*28*A", "REF*0F*TW7000001", "REF*1L*TW-GROUP-1", "DTP*356*D8*20260101",
		"NM1*IL*1*DELGADO*MATEO", "N3*12 WILLOW LANE", "N4*PHILADELPHIA*PA*19103", "DMG*D8*20140903*M",
		"HD*021**HMO*EVERYDAY HMO*FAM", "DTP*348*D8*20260101",
	}
	lines = append(lines, fmt.Sprintf("SE*%d*0001", len(lines)-1), "GE*1*1", "IEA*1*000000001")
	return strings.Join(lines, "~\n") + "~\n"
}
