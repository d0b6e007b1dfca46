package roster

// place is a state with one of its telephone area codes, its weight, and some
// cities.
type place struct {
	state, area string
	weight      int
	cities      []city
}

type city struct{ name, zip string }

// streets are invented names.
func streets() []string {
	return []string{
		"QUILLWORT LANE", "BRASS KETTLE ROAD", "HERON STEPS", "OLD COOPERAGE ST", "LANTERN HOLLOW", "TANSY CT", "PEPPERGRASS AVE",
		"WREN HOUSE WAY", "SEVEN BARNS RD", "MARROWSTONE DR", "THIMBLE ST", "COPPER FINCH LN", "MILLER'S REST", "SALT MEADOW AVE",
		"ROWANBERRY BLVD", "DRY FORD RD", "CANDLEWRIGHT ST", "BLUE SLATE TER", "HAYRAKE CIR", "FOUR LARCHES DR", "N PLOVER ST",
		"S PLOVER ST", "GOOSEFOOT AVE", "WEATHERVANE PL", "SORREL GATE", "NUTHATCH TRL", "KING'S LOAF LN", "E BELLMAKER ST",
		"W BELLMAKER ST", "FIDDLENECK WAY",
	}
}

// places lists the states and the District of Columbia. The weights are
// roughly their populations, in hundreds of thousands.
func places() []place {
	return []place{
		{"AL", "205", 51, []city{{"BIRMINGHAM", "35222"}, {"MONTGOMERY", "36112"}, {"MOBILE", "36615"}, {"HUNTSVILLE", "35809"}}},
		{"AK", "907", 7, []city{{"ANCHORAGE", "99511"}, {"FAIRBANKS", "99708"}, {"JUNEAU", "99803"}}},
		{"AZ", "602", 74, []city{{"PHOENIX", "85027"}, {"TUCSON", "85719"}, {"MESA", "85207"}, {"WINDOW ROCK", "86515"}}},
		{"AR", "501", 31, []city{{"LITTLE ROCK", "72210"}, {"FAYETTEVILLE", "72702"}, {"JONESBORO", "72402"}}},
		{"CA", "213", 390, []city{{"LOS ANGELES", "90032"}, {"SAN DIEGO", "92130"}, {"FRESNO", "93721"}, {"SACRAMENTO", "94268"}, {"OAKLAND", "94610"}}},
		{"CO", "303", 58, []city{{"DENVER", "80225"}, {"COLORADO SPRINGS", "80919"}, {"GRAND JUNCTION", "81503"}}},
		{"CT", "203", 36, []city{{"NEW HAVEN", "06509"}, {"HARTFORD", "06132"}, {"STAMFORD", "06907"}}},
		{"DC", "202", 7, []city{{"WASHINGTON", "20217"}}},
		{"DE", "302", 10, []city{{"WILMINGTON", "19809"}, {"DOVER", "19903"}}},
		{"FL", "305", 226, []city{{"MIAMI", "33153"}, {"ORLANDO", "32821"}, {"JACKSONVILLE", "32218"}, {"PENSACOLA", "32509"}}},
		{"GA", "404", 110, []city{{"ATLANTA", "30336"}, {"SAVANNAH", "31407"}, {"MACON", "31208"}}},
		{"HI", "808", 14, []city{{"HONOLULU", "96814"}, {"HILO", "96720"}}},
		{"ID", "208", 20, []city{{"BOISE", "83712"}, {"IDAHO FALLS", "83403"}, {"COEUR D ALENE", "83815"}}},
		{"IL", "312", 125, []city{{"CHICAGO", "60629"}, {"SPRINGFIELD", "62716"}, {"PEORIA", "61614"}, {"ROCKFORD", "61105"}}},
		{"IN", "317", 69, []city{{"INDIANAPOLIS", "46225"}, {"FORT WAYNE", "46825"}, {"GARY", "46403"}, {"EVANSVILLE", "47714"}}},
		{"IA", "515", 32, []city{{"DES MOINES", "50320"}, {"CEDAR RAPIDS", "52405"}, {"DAVENPORT", "52804"}}},
		{"KS", "316", 29, []city{{"WICHITA", "67211"}, {"TOPEKA", "66612"}, {"GOODLAND", "67735"}}},
		{"KY", "502", 45, []city{{"LOUISVILLE", "40223"}, {"LEXINGTON", "40515"}, {"BOWLING GREEN", "42102"}}},
		{"LA", "504", 46, []city{{"NEW ORLEANS", "70140"}, {"BATON ROUGE", "70815"}, {"SHREVEPORT", "71119"}}},
		{"ME", "207", 14, []city{{"PORTLAND", "04104"}, {"BANGOR", "04401"}}},
		{"MD", "410", 62, []city{{"BALTIMORE", "21224"}, {"ROCKVILLE", "20849"}, {"FREDERICK", "21703"}}},
		{"MA", "617", 70, []city{{"BOSTON", "02127"}, {"WORCESTER", "01606"}, {"SPRINGFIELD", "01108"}}},
		{"MI", "313", 100, []city{{"DETROIT", "48219"}, {"GRAND RAPIDS", "49512"}, {"LANSING", "48915"}, {"IRON MOUNTAIN", "49801"}}},
		{"MN", "612", 57, []city{{"MINNEAPOLIS", "55424"}, {"SAINT PAUL", "55116"}, {"DULUTH", "55805"}}},
		{"MS", "601", 29, []city{{"JACKSON", "39211"}, {"GULFPORT", "39503"}, {"TUPELO", "38802"}}},
		{"MO", "314", 62, []city{{"SAINT LOUIS", "63124"}, {"KANSAS CITY", "64131"}, {"COLUMBIA", "65205"}}},
		{"MT", "406", 11, []city{{"BILLINGS", "59105"}, {"MISSOULA", "59803"}, {"HELENA", "59604"}}},
		{"NE", "402", 20, []city{{"OMAHA", "68119"}, {"LINCOLN", "68510"}, {"SCOTTSBLUFF", "69361"}}},
		{"NV", "702", 32, []city{{"LAS VEGAS", "89126"}, {"RENO", "89509"}, {"ELKO", "89802"}}},
		{"NH", "603", 14, []city{{"MANCHESTER", "03104"}, {"CONCORD", "03302"}}},
		{"NJ", "201", 93, []city{{"NEWARK", "07107"}, {"JERSEY CITY", "07305"}, {"TRENTON", "08610"}, {"CAMDEN", "08102"}}},
		{"NM", "505", 21, []city{{"ALBUQUERQUE", "87115"}, {"SANTA FE", "87504"}, {"LAS CRUCES", "88005"}, {"SHIPROCK", "87420"}}},
		{"NY", "212", 196, []city{{"NEW YORK", "10082"}, {"BUFFALO", "14215"}, {"ROCHESTER", "14616"}, {"SYRACUSE", "13210"}, {"BROOKLYN", "11218"}}},
		{"NC", "704", 108, []city{{"CHARLOTTE", "28226"}, {"RALEIGH", "27615"}, {"ASHEVILLE", "28804"}}},
		{"ND", "701", 8, []city{{"FARGO", "58106"}, {"BISMARCK", "58503"}, {"DICKINSON", "58601"}}},
		{"OH", "216", 118, []city{{"CLEVELAND", "44115"}, {"COLUMBUS", "43216"}, {"CINCINNATI", "45225"}, {"TOLEDO", "43612"}}},
		{"OK", "405", 41, []city{{"OKLAHOMA CITY", "73127"}, {"TULSA", "74126"}}},
		{"OR", "503", 42, []city{{"PORTLAND", "97220"}, {"EUGENE", "97403"}, {"ONTARIO", "97914"}}},
		{"PA", "215", 130, []city{{"PHILADELPHIA", "19127"}, {"PITTSBURGH", "15226"}, {"ERIE", "16510"}, {"SCRANTON", "18505"}}},
		{"RI", "401", 11, []city{{"PROVIDENCE", "02905"}, {"WARWICK", "02887"}}},
		{"SC", "803", 54, []city{{"COLUMBIA", "29212"}, {"CHARLESTON", "29409"}, {"GREENVILLE", "29606"}}},
		{"SD", "605", 9, []city{{"SIOUX FALLS", "57108"}, {"RAPID CITY", "57702"}}},
		{"TN", "615", 71, []city{{"NASHVILLE", "37214"}, {"MEMPHIS", "38124"}, {"KNOXVILLE", "37920"}, {"CHATTANOOGA", "37407"}}},
		{"TX", "512", 305, []city{{"AUSTIN", "78727"}, {"HOUSTON", "77064"}, {"DALLAS", "75243"}, {"SAN ANTONIO", "78229"}, {"EL PASO", "79954"}}},
		{"UT", "801", 34, []city{{"SALT LAKE CITY", "84119"}, {"PROVO", "84603"}, {"SAINT GEORGE", "84771"}}},
		{"VT", "802", 6, []city{{"BURLINGTON", "05402"}, {"RUTLAND", "05701"}}},
		{"VA", "804", 87, []city{{"RICHMOND", "23235"}, {"NORFOLK", "23509"}, {"ROANOKE", "24015"}, {"ARLINGTON", "22213"}}},
		{"WA", "206", 78, []city{{"SEATTLE", "98124"}, {"SPOKANE", "99210"}, {"YAKIMA", "98903"}, {"TACOMA", "98415"}}},
		{"WV", "304", 18, []city{{"CHARLESTON", "25322"}, {"MORGANTOWN", "26504"}}},
		{"WI", "414", 59, []city{{"MILWAUKEE", "53215"}, {"MADISON", "53715"}, {"GREEN BAY", "54305"}}},
		{"WY", "307", 6, []city{{"CHEYENNE", "82003"}, {"CASPER", "82602"}}},
	}
}
