package physicians

// person is an invented name with the languages it comes with besides English.
type person struct {
	given, family string
	languages     string
}

// people lists sixty invented names, ten to a region.
func people() []person {
	return []person{
		{"Maren", "Okafor-Lindt", "de"},
		{"Tomás", "Villalpando", "es"},
		{"Linh", "Trần-Maddox", "vi"},
		{"Devora", "Ashkenfeld", "he ru"},
		{"Kwabena", "Tetteh-Ross", ""},
		{"Yesenia", "Corcoran", "es"},
		{"Jun-ho", "Baekman", "ko"},
		{"Priyanka", "Vellankar", "hi"},
		{"Alasdair", "Penhallow", ""},
		{"Rosalind", "Tcheumani", "fr"},

		{"Marisol", "Estradivar", "es"},
		{"Wenxin", "Zhao-Purcell", "zh"},
		{"Ibrahim", "Qaddumi", "ar"},
		{"Solvei", "Haraldstad", "no"},
		{"Thandiwe", "Mokgatle", ""},
		{"Esteban", "Rivaplata", "es"},
		{"Oksana", "Bilyktenko", "uk ru"},
		{"Rhys", "Llanberrow", ""},
		{"Anjali", "Deshmorkar", "hi mr"},
		{"Cordelia", "Fenwright", ""},

		{"Delphine", "Robichoux", "fr"},
		{"Osvaldo", "Santibella", "es"},
		{"Keisha", "Marlowe-Dunn", ""},
		{"Hoàng", "Phamwell", "vi"},
		{"Jean-Rony", "Desmarivil", "ht fr"},
		{"Ximena", "Olivarez-Pike", "es"},
		{"Tobias", "Kettlewell", "de"},
		{"Adaeze", "Nwokorie", "ig"},
		{"Marguerite", "Sandoval-Lee", "es"},
		{"Harlan", "Whitcombe", ""},

		{"Ingrid", "Sjostedt", "sv"},
		{"Mateusz", "Wolanczyk", "pl"},
		{"Pahoua", "Vangstad", "hmn"},
		{"Abdirahman", "Warsoyan", "so"},
		{"Lucía", "Benavidal", "es"},
		{"Gretchen", "Ostermeyer", "de"},
		{"Samir", "Haddowan", "ar"},
		{"Ayumi", "Koribayashi", "ja"},
		{"Nathaniel", "Brookhaven", ""},
		{"Zofia", "Grabowicki", "pl"},

		{"Inés", "Aguirreta", "es"},
		{"Dakota", "Vandermere", ""},
		{"Rodrigo", "Montellano", "es"},
		{"Mei-Ling", "Hsuford", "zh"},
		{"Farida", "Noorzadeh", "fa"},
		{"Catarina", "Brancovale", "pt es"},
		{"Everett", "Stonebraker", ""},
		{"Gurpreet", "Sandharwal", "pa hi"},
		{"Paloma", "Iturbidez", "es"},
		{"Linnea", "Thorsgaard", "sv"},

		{"Malia", "Kealohani", ""},
		{"Jasper", "Quillfeather", ""},
		{"Thuy-Anh", "Lewandoski", "vi"},
		{"Rafael", "Monteclaro", "tl es"},
		{"Siobhan", "Maguirelle", ""},
		{"Haruto", "Nishikado", "ja"},
		{"Yuexiang", "Lauderman", "zh"},
		{"Amara", "Soumareh", "fr"},
		{"Nizhoni", "Tsosie-Hart", "nv"},
		{"Vikram", "Tharoorian", "hi"},
	}
}
