package physicians

import "strings"

// region is a group of states that ten physicians look after around the clock.
type region struct {
	zone   int // of its clock: an index into zones
	states string
}

func regions() []region {
	return []region{
		{eastern, "PA NY NJ CT MA RI VT NH ME"},
		{eastern, "OH KY WV VA DC MD DE NC SC"},
		{central, "GA FL AL MS TN LA AR"},
		{central, "IL IN MI WI MN IA MO ND SD NE KS"},
		{mountain, "CO TX OK NM AZ UT WY MT ID NV"},
		{pacific, "CA WA OR AK HI"},
	}
}

func (r region) list() []string { return strings.Fields(r.states) }

// The zones, each an hour west of the one before. The first five change their
// clocks together; the last two never do.
const (
	eastern = iota
	central
	mountain
	pacific
	alaskan
	hawaiian
	arizonan
)

func zones() []string {
	return []string{
		"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
		"America/Anchorage", "Pacific/Honolulu", "America/Phoenix",
	}
}

// homes are states to sit in, by zone.
func homes() [][]string {
	return [][]string{
		{"PA", "NY", "OH", "GA", "MA", "NC", "MD", "NJ", "CT", "VA"},
		{"IL", "TX", "MN", "AL", "WI", "LA", "MO", "TN", "IA", "KS"},
		{"CO", "UT", "NM", "WY", "MT"},
		{"CA", "WA", "OR", "NV"},
		{"AK"},
		{"HI"},
		{"AZ"},
	}
}

// compact are states where a physician of the demo may hold a license that was
// issued through the compact.
const compact = "AL AZ CO DE DC GA ID IL IN IA KS KY LA ME MD MN MS MO MT NE NV NH NJ NC ND OH OK SD TN TX UT WA WV WI WY"

func inCompact(state string) bool { return strings.Contains(compact, state) }

func stateName(code string) string {
	const names = "AL=Alabama AK=Alaska AZ=Arizona AR=Arkansas CA=California CO=Colorado CT=Connecticut DE=Delaware " +
		"DC=District_of_Columbia FL=Florida GA=Georgia HI=Hawaii ID=Idaho IL=Illinois IN=Indiana IA=Iowa KS=Kansas " +
		"KY=Kentucky LA=Louisiana ME=Maine MD=Maryland MA=Massachusetts MI=Michigan MN=Minnesota MS=Mississippi " +
		"MO=Missouri MT=Montana NE=Nebraska NV=Nevada NH=New_Hampshire NJ=New_Jersey NM=New_Mexico NY=New_York " +
		"NC=North_Carolina ND=North_Dakota OH=Ohio OK=Oklahoma OR=Oregon PA=Pennsylvania RI=Rhode_Island " +
		"SC=South_Carolina SD=South_Dakota TN=Tennessee TX=Texas UT=Utah VT=Vermont VA=Virginia WA=Washington " +
		"WV=West_Virginia WI=Wisconsin WY=Wyoming"
	for pair := range strings.FieldsSeq(names) {
		if name, ok := strings.CutPrefix(pair, code+"="); ok {
			return strings.ReplaceAll(name, "_", " ")
		}
	}
	return code
}
