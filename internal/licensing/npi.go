package licensing

// npiPrefixSum is what the fixed prefix 80840 of every card number adds to the
// Luhn sum of a National Provider Identifier.
const npiPrefixSum = 24

// demoNPIPrefix begins numbers that are never issued.
const demoNPIPrefix = "9999"

// npiLength is the length of an NPI with its check digit.
const npiLength = 10

// luhnNPI reports whether ten digits carry the right check digit.
func luhnNPI(npi string) bool {
	if len(npi) != npiLength {
		return false
	}
	sum := npiPrefixSum
	for i, c := range []byte(npi) {
		if c < '0' || c > '9' {
			return false
		}
		d := int(c - '0')
		if i%2 == 0 { // every second digit from the check digit leftward
			d = 2*d/10 + 2*d%10
		}
		sum += d
	}
	return sum%10 == 0
}

// npiFault says what is wrong with an NPI, or "". Numbers of invented people
// are accepted in demo only.
func npiFault(npi string, demo bool) string {
	switch {
	case npi == "":
		return faultMissing
	case len(npi) != npiLength:
		return faultMalformed
	case npi[0] != '1' && npi[0] != '2' && (!demo || npi[:4] != demoNPIPrefix):
		return faultMalformed
	}
	for _, c := range []byte(npi) {
		if c < '0' || c > '9' {
			return faultMalformed
		}
	}
	if !luhnNPI(npi) {
		return faultCheckDigit
	}
	return ""
}
