"""Countries: names of people, cities, schools, telephone numbers kept for fiction (or plausible by length)."""


def _w(text):
    return [s.strip() for s in text.strip().split(";") if s.strip()]


def _c(country, native, first, last, cities, schools, phones, secondary=""):
    """phones: (printed, E.164) patterns; each # is one random digit, the same one in both."""
    return dict(country=country, native=native, first=_w(first), last=_w(last), cities=_w(cities), schools=_w(schools),
                secondary=_w(secondary), phones=phones)


C = {
    "US": _c("USA", "English",
             "Danielle;Marcus;Tyrell;Colleen;Jasmine;Wyatt;Renee;Hector;Shauna;Dwight;Ana María;Malik",
             "Whitcomb;Abernathy;Delgado;Pruitt;Vandermeer;Okonkwo-Bell;Sorensen;Castellanos;Huckaby;Ng;Trask;Lafayette",
             "Austin, TX;Tacoma, WA;Dayton, OH;Albuquerque, NM;Providence, RI;St. Louis, MO;Boise, ID;Savannah, GA;Duluth, MN",
             "Ohio University;University of New Mexico;Boise State;Macalester College;Georgia Tech;Rensselaer Polytechnic Institute;Portland Community College;UT Austin;Howard University;St. Olaf College",
             [("(512) 555-01##", "+151255501##"), ("206-555-01##", "+120655501##"), ("+1 505 555 01##", "+150555501##"), ("614.555.01##", "+161455501##")],
             "Garfield High School;East Tacoma High"),
    "UK": _c("UK", "English",
             "Gareth;Imogen;Callum;Bethan;Rupert;Niamh;Ashok;Philippa;Dominic;Siân;Fergus;Yasmin",
             "Ashworth;Llewellyn;MacAllister;Thackeray;Oyelaran;Birtwistle;Penhaligon;Choudhury;Fairweather;Crabtree;St John;Dunmore",
             "Leeds;Cardiff;Glasgow;Norwich;Sheffield;Bristol;Stoke-on-Trent;Aberdeen;London;Belfast",
             "University of Leeds;Cardiff Metropolitan University;Imperial College London;University of Strathclyde;Sheffield Hallam;The Open University;Goldsmiths;Durham University;City of Bristol College;Royal Holloway",
             [("07700 900###", "+447700900###"), ("020 7946 0###", "+442079460###"), ("+44 7700 900###", "+447700900###"), ("+44 (0)20 7946 0###", "+442079460###")],
             "Bishop Gore School;Notre Dame Sixth Form;King Edward VI College"),
    "IE": _c("Ireland", "English", "Aoife;Cillian;Gráinne;Pádraig;Róisín;Declan", "Ó Briain;Mulcahy;Ní Fhloinn;Geraghty;Tuohy;Keane",
             "Dublin;Cork;Galway;Limerick", "University College Cork;Trinity College Dublin;DCU;University of Galway",
             [("+353 20 91# ####", "+3532091#####"), ("020 91# ####", "+3532091#####")], "Coláiste Choilm"),
    "CA": _c("Canada", "English", "Élise;Graham;Priya;Mathieu;Heather;Tomasz", "Tremblay;MacIsaac;Gill;Bouchard;Friesen;Kowalchuk",
             "Halifax, NS;Winnipeg, MB;Montréal, QC;Kelowna, BC;Guelph, ON", "Dalhousie University;McGill;Red River College;Université Laval;University of Guelph",
             [("613-555-01##", "+161355501##"), ("(204) 555-01##", "+120455501##")]),
    "AU": _c("Australia", "English", "Lachlan;Kirra;Brodie;Mei;Shane;Georgina", "Pappas;Wheatley;Nguyen;Doolan;Carruthers;Tran",
             "Hobart;Geelong;Brisbane;Fremantle;Newcastle", "Deakin University;TAFE Queensland;University of Tasmania;UNSW;Curtin University",
             [("0491 570 1##", "+614915701##"), ("+61 491 570 1##", "+614915701##"), ("(02) 5550 ####", "+6125550####")], "Newtown High School of the Performing Arts"),
    "NZ": _c("New Zealand", "English", "Aroha;Hamish;Mereana;Blair", "Ngata;Sutherland;Parata;Hargreaves", "Dunedin;Hamilton;Nelson",
             "University of Otago;Massey University;Ara Institute of Canterbury", [("+64 20 400 01##", "+642040001##")]),
    "DE": _c("Germany", "German", "Jürgen;Annika;Thorsten;Käthe;Björn;Lieselotte", "Großmann;Weißhaupt;von der Heide;Köhler;Özdemir;Brüning",
             "Köln;Leipzig;Nürnberg;Bremen;Freiburg", "TU Dresden;Universität zu Köln;Hochschule Bremen;RWTH Aachen;Ludwig-Maximilians-Universität München",
             [("030 23125 ###", "+493023125###"), ("+49 171 39200 ##", "+4917139200##"), ("+49 (0)221 4710 ###", "+492214710###")], "Goethe-Gymnasium"),
    "FR": _c("France", "French", "Aurélie;Benoît;Clémence;Hervé;Loïc;Maëlle", "Lefèvre;Delacroix;Benhaddou;Saint-Exel;Rougier;Chéreau",
             "Lyon;Nantes;Grenoble;Lille;Besançon", "Sciences Po Lyon;INSA Rennes;École Centrale de Nantes;Université Grenoble Alpes;HEC Paris",
             [("06 39 98 ## ##", "+3363998####"), ("+33 1 99 00 ## ##", "+3319900####")], "Lycée Montaigne"),
    "ES": _c("Spain", "Spanish", "Begoña;Íñigo;Nuria;Álvaro;María José", "Ibáñez Soler;Muñoz;Etxeberria;Peñalver;Casals i Roig",
             "Zaragoza;Bilbao;Málaga;A Coruña", "Universidad de Zaragoza;UPC Barcelona;IE Business School;Universidade de Vigo", [("+34 600 000 1##", "+346000001##")]),
    "PL": _c("Poland", "Polish", "Łukasz;Żaneta;Wojciech;Małgorzata;Zdzisław", "Wiśniewski;Gołąb;Szczepańska;Dąbrowski;Kwiecień",
             "Kraków;Łódź;Gdańsk;Wrocław", "Politechnika Łódzka;AGH;Uniwersytet Jagielloński;Gdańsk University of Technology", [("+48 600 000 1##", "+486000001##")]),
    "CZ": _c("Czechia", "Czech", "Ondřej;Žofie;Jiří;Markéta", "Dvořáček;Růžičková;Šťastný;Havlová", "Brno;Plzeň;Olomouc",
             "Masaryk University;ČVUT v Praze;VŠE", [("+420 600 000 1##", "+4206000001##")]),
    "SE": _c("Sweden", "Swedish", "Åsa;Göran;Linnéa;Mårten", "Sjöström;Håkansson;Ahlqvist;Bergåker", "Göteborg;Umeå;Malmö",
             "KTH;Umeå universitet;Chalmers", [("070-174 06 ##", "+46701740 6##".replace(" ", "")), ("+46 31 390 06 ##", "+46313900 6##".replace(" ", ""))]),
    "NL": _c("Netherlands", "Dutch", "Maarten;Femke;Joost;Sanne", "van den Broek;de Wit;ter Horst;Hoekstra", "Utrecht;Groningen;Eindhoven",
             "TU Delft;Hogeschool Utrecht;Radboud Universiteit", [("+31 6 1000 01##", "+316100001##")]),
    "IT": _c("Italy", "Italian", "Nicolò;Ilaria;Gaetano;Beatrice", "Esposito;Bonfanti;D'Angelo;Zanolla", "Torino;Bari;Bologna",
             "Politecnico di Torino;Università di Bologna;Bocconi", [("+39 320 000 01##", "+393200000 1##".replace(" ", ""))]),
    "PT": _c("Portugal", "Portuguese", "João;Inês;Gonçalo;Conceição", "Magalhães;Simões;Brandão;Falcão", "Braga;Coimbra;Porto",
             "Universidade do Minho;Universidade de Coimbra;ISCTE", [("+351 910 000 1##", "+3519100001##")]),
    "BR": _c("Brazil", "Portuguese", "Thaís;Rogério;Luíza;Vinícius", "Assunção;Guimarães;Prado;Nakamura", "Curitiba;Belo Horizonte;Recife",
             "UFMG;Universidade Federal do Paraná;Unicamp", [("+55 41 90000-01##", "+554190000 01##".replace(" ", ""))]),
    "IN": _c("India", "Hindi", "Ananya;Rohit;Meenakshi;Vikram;Sreedevi;Imran", "Iyer;Deshpande;Chatterjee;Nair;Khanna;Qureshi",
             "Pune;Kochi;Hyderabad;Jaipur;Chennai", "Anna University;IIT Kharagpur;Savitribai Phule Pune University;Loyola College;NIT Calicut",
             [("+91 90000 001##", "+919000000 1##".replace(" ", "")), ("+91-90000-002##", "+919000000 2##".replace(" ", ""))], "Kendriya Vidyalaya Pattom"),
    "NG": _c("Nigeria", "Yoruba", "Chinedu;Folasade;Ngozi;Babatunde;Amina", "Adeyẹmi;Eze;Ogunleye;Bello;Nwachukwu", "Ibadan;Enugu;Lagos;Kano",
             "University of Ibadan;Covenant University;Yaba College of Technology;Ahmadu Bello University", [("+234 700 000 01##", "+2347000000 1##".replace(" ", ""))]),
    "KE": _c("Kenya", "Swahili", "Wanjiru;Otieno;Faith;Kiprono", "Mwangi;Odhiambo;Chebet;Kamau", "Kisumu;Nakuru;Nairobi",
             "Strathmore University;Moi University;Kenya Medical Training College", [("+254 700 000 1##", "+2547000001##")]),
    "ZA": _c("South Africa", "Afrikaans", "Thandiwe;Pieter;Lerato;Sipho", "Mokoena;du Plessis;Naidoo;Dlamini", "Durban;Gqeberha;Bloemfontein",
             "Stellenbosch University;University of the Witwatersrand;TUT", [("+27 60 000 01##", "+276000001##")]),
    "PH": _c("Philippines", "Tagalog", "Maricel;Jomar;Rosalinda;Emmanuel", "de la Cruz;Bautista;Villanueva;Peña", "Cebu City;Davao;Quezon City",
             "University of Santo Tomas;Ateneo de Davao;De La Salle University", [("+63 900 000 01##", "+639000000 1##".replace(" ", ""))]),
    "JP": _c("Japan", "Japanese", "Haruka;Kenji;Yūko;Daisuke", "Fujimori;Ōtani;Kobayashi;Saitō", "Sapporo;Kobe;Fukuoka",
             "Waseda University;Hokkaido University;Ritsumeikan", [("+81 90-0000-01##", "+819000000 1##".replace(" ", ""))]),
    "SG": _c("Singapore", "Mandarin", "Wei Ling;Jun Hao;Nurul;Arjun", "Tan;Lim;binte Rahmat;Pillai", "Singapore", "NUS;Nanyang Technological University;Temasek Polytechnic",
             [("+65 8000 01##", "+65800001##")]),
    "TR": _c("Türkiye", "Turkish", "Çağla;Oğuz;Şebnem;Emre", "Yıldırım;Güneş;Karaçay;Işık", "İzmir;Ankara;Eskişehir", "ODTÜ;Ege University;Bilkent",
             [("+90 500 000 01 ##", "+9050000001##")]),
    "MX": _c("Mexico", "Spanish", "Ximena;Raúl;Guadalupe;Andrés", "Zúñiga;Treviño;Ocampo;Villaseñor", "Monterrey;Querétaro;Mérida", "Tec de Monterrey;UNAM;Universidad de Guadalajara",
             [("+52 81 5000 01##", "+528150000 1##".replace(" ", ""))]),
    "RO": _c("Romania", "Romanian", "Ștefan;Ioana;Răzvan;Mădălina", "Țurcanu;Popescu;Bălănescu;Ilieș", "Iași;Timișoara;Cluj-Napoca", "Babeș-Bolyai University;Politehnica București;UMF Iași",
             [("+40 700 000 1##", "+407000001##")]),
    "AE": _c("UAE", "Arabic", "Layla;Omar;Hessa;Khalid", "Al Mansoori;Haddad;El-Sayed;Rahimi", "Dubai;Abu Dhabi;Sharjah", "American University of Sharjah;Khalifa University;Zayed University",
             [("+971 50 000 01##", "+97150000 01##".replace(" ", ""))]),
}
WEIGHT = {"US": 7, "UK": 7, "IE": 2, "CA": 3, "AU": 3, "DE": 3, "FR": 2, "IN": 4, "NG": 2}
OTHER_LANGS = _w("French;Spanish;German;Arabic;Italian;Portuguese;Mandarin;Urdu;Welsh;Russian;Japanese;Punjabi;Dutch;BSL")
LEVELS = _w("fluent;intermediate;basic;B2;C1;conversational;professional working proficiency;A2;advanced;beginner")
