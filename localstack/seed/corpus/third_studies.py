"""A third set of headings of education entries, as data (see patterns.py), and the lines that go with them.

More fields: faculty, minor, mode (of study), status and number; all but the number are details.
"""

from blocks import Run

THIRD_EDUCATION = [
    (["{field:b}", "{degree}<, {school}>||{dates}"], None),  # the field before the degree
    (["{field:b}< – {degree:i}>", "{school}<, {place}><, {dates}>"], None),
    (["{field:b}<: {degree}>< ({school}, {dates})>"], None),
    (["{field:b}< | {degree}>< | {school}>||{dates}"], None),
    (["{dates}< Studies of {field:b}>< at {school:b}>", "{=Degree:} {degree}< ({grade})>"], None),
    (["{field:bu}", "{school}", "{degree:i}< – {dates:i}>"], None),
    (["{degree:b}", "{field:i}||{dates}", "{school}<, {place}>"], None),  # degree and field in lines of their own
    (["{degree:b}", "in {field:i}", "{school}<, {dates}>"], None),
    (["{degree}||{dates}", "in {field:b}<, {school}>"], None),
    (["{degree:bu}", "{field:b}", "{dates}< – {school}>"], None),
    (["{school:b}||{dates}", "{degree:i}", "{field}"], None),
    (["{degree:b}<, {grade}>", "{field:i}< · {school}>< · {dates}>"], None),
    (["{degree:b}<, {dates}>", "{school:i}<; {field}>"], None),
    (["{school:b}<: {degree}>< ({field})>||{dates}"], None),
    (["{school:b}< | {faculty}>||{dates}", "{df:i}"], None),  # faculties and departments
    (["{school:b}< · {faculty:i}>", "{df}<, {dates}>"], None),
    (["{school:b}< ({faculty})>", "{df:i}||{dates}"], None),
    (["{faculty}||{dates}", "{school:b}", "{df}"], None),
    (["{df:b}", "{school}", "{faculty:i}< | {dates:i}>"], None),
    (["{dates}< | {faculty}>", "{df:b}<, {school}>"], None),
    (["{df:b}< ({mode})>||{dates}", "{school}"], None),  # mode, status, minor
    (["{df:b}< | {mode}>", "{school}< | {dates}>"], None),
    (["{school:b}", "{df}< · {mode}>", "{dates:g}"], None),
    (["{df:b}< ({status})>", "{school}<, {place}>||{dates}"], None),
    (["{df:b}< – {status:i}>||{dates}", "{school:i}"], None),
    (["{school:b}<, {dates}>", "{df}< ({status})>"], None),
    (["{df:b}<, minor in {minor}>||{dates}", "{school}"], None),
    (["{school:b}||{dates}", "{df}< (Minor: {minor})>"], None),
    (["{school:b}< ~ {df}>< ~ {dates}>"], None),  # odd separators, or none at all
    (["{df:b}< :: {school}>< :: {dates}>"], None),
    (["{df:b}< » {school}>||{dates}"], None),
    (["{school:b}< {df:i}>||{dates}"], None),
    (["{degree:b}< {field:i}>< {school}>||{dates}"], None),
    (["{dates:g}< {school:b}>< {df}>"], None),
    (["{df}< .... {dates}>", "{school:i}"], None),
    (["{school:b}< -- {df}>< -- {dates}>"], None),
    (["{df:b}< → {school}>< ({dates})>"], None),
    (["{school:b}\u2003{df}", "{dates:g}"], None),
    (["{df:l}", "{school:g}< – {dates:g}>"], None),
    (["{df:bu}", "{school:u}", "{dates}"], None),
    (["{df:b}< (with {grade})>", "{school}< | {dates}>"], None),  # marks
    (["{grade:b}<, {df}>", "{school}||{dates}"], None),
    (["{school:b}< ({grade})>||{dates}", "{df}"], None),
    (["{df:b}< — {grade:i}>< — {school}>< — {dates}>"], None),
    (["{dates}< ({place})>", "{df:b}<, {school}>"], None),  # places and dates in places of their own
    (["{place:b}<, {school}>", "{df}||{dates}"], None),
    (["{dates}||{school:b}", "{df:i}||{place}"], None),
    (["{df}||{place}", "{school:b}||{dates}"], None),
    (["{df:b}", "{dates}< | {school}>< | {place}>"], None),
    (["{school:b}< [{dates}]>", "* {degree}<, {field}>< – {grade}>"], None),
    (["● {dates}", "{df:b}", "{school}"], None),
    (["* {dates}", "~{df:b}<, {school}>"], None),
    (["{number:b} {df:b}", "~{school}<, {dates}>"], None),
    (["{df:b}", "{school}<, {place}>"], ["{dates}", "{grade:s}"]),  # columns, rows, tables
    (["{df}"], ["{school:b}", "{place:s}", "{dates:s}"]),
    (["{field}<, {school}>", "{dates:i}"], ["{degree:b}"]),
    (["{df:b}", "{school:i}"], ["{dates:g} ●"]),
    (["{df:b}< | {school}>"], ["{dates}"], "row"),
    (["{school:b}"], ["{df}", "{dates:i}"], "row"),
    (["{df}", "{school:i}<, {place}>"], ["{dates:b}"], "row"),
    (
        [["{number}"], ["{df}"], ["{school}"], ["{dates}"], ["{grade}"]],
        ["S.No", "Course", "College / Board", "Year", "Marks"],
        "grid",
        [0.08, 0.3, 0.3, 0.16, 0.16],
    ),
    ([["{school}"], ["{degree}"], ["{field}"], ["{dates}"]], ["School", "Degree", "Major", "Graduated"], "grid", [0.32, 0.22, 0.26, 0.2]),
    (
        [["{dates}"], ["{school}<, {place}>"], ["{df}"]],
        ["From – To", "Name of institution", "Qualification obtained"],
        "grid",
        [0.22, 0.4, 0.38],
    ),
    ([["{df:b}", "{school}"], ["{dates}"]], None, "grid", [0.75, 0.25]),
    (["{dates}", "{df}", "{school}<, {place}>"], ["Dates", "Title of qualification awarded", "Name and type of organisation"], "pairs"),
    (["{school}", "{df}", "{dates}", "{grade}"], ["Institute", "Qualification", "Year", "Result"], "pairs"),
    (["{=Degree/Level:} {degree}< {=Major:} {field}>", "{=School:} {school}<, {place}>< {=Completed:} {dates}>"], None),  # labels
    (["{=University} – {school}", "{=Degree} – {df}", "{=Year} – {dates}"], None),
    (["{=Studied:} {df}< {=At:} {school}>< {=When:} {dates}>"], None),
    (["{dates}< {school:b}><, {place}>", "{=Abschluss:} {df}"], None),
    (["{dates}< {school}>", "{=Degree:} {degree:b}< ({field})>"], None),
    (["{df:b}< awarded by {school}><, {dates}>"], None),  # words between the parts
    (["{df:b}< through {school}>< ({dates})>"], None),
    (["Graduated from {school:b}< with {df}>< in {dates}>"], None),
    (["Graduate of {school}<, {df}>< ({dates})>"], None),
    (["I studied {field}< at {school}>< and received {degree}>< ({dates})>"], None),
]
THIRD_SCHOOL_BANNERS = [
    (["{school:b}< | {faculty}>"], ["{df}||{dates}"]),
    (["{school:bc}||{place}"], ["{degree:b}< – {field}>< ({dates})>"]),
    (["{place}", "{school:b}"], ["{dates}< | {df}>"]),
    (["{=School:} {school:b}"], ["{=Degree:} {df}< ({dates})>"]),
    (["{school:k}"], ["→ {df:b}< {dates:g}>"]),
]
DEGREES = {
    "bachelor": "B.Sc. (Honours)|BA (Joint Honours)|MA (Hons) Undergraduate|BEng (Hons)|LLB (Hons)|BMus (Hons)|BDes (Hons)|B.Sc. Honours|Honours Bachelor of Arts|Bachelor of Arts (Honours)|Bachelor of Commerce (Hons)|"
    "Bachelor of Science in Nursing (BSN)|Bachelor of Science (B.S.)|Bachelor of Arts (B.A.)|Bachelor of Engineering (B.E.)|Bachelor of Technology (B.Tech)|Bachelor's (B.Sc.)|BSc Degree|Undergraduate Diploma|Grado Universitario|Licenciatura Plena|Laurea Triennale|Bachelor (B.A.)|Bakkalaureat|Kandidatexamen|Högskoleexamen|Professionsbachelor|HBO Bachelor|Bakalář|BSocSc|BBus|BBA (Hons)|B.Voc|B.Lib.Sc.|B.P.Ed|Ordinary Degree",
    "master": "MSci (Hons)|MEng (Hons)|M.A. (Hons)|Master of Science (MSc)|Master of Arts (M.A.)|Master of Business Administration (MBA)|Part-time MBA|Online MBA|MA Res|MLitt|MArch|MPA|MRes Degree|M.Ed. (Leadership)|Master Professionnel|Master Recherche|Master (M.Sc.)|Magisterstudium|Candidatus|cand.merc.|Civilingenjör|Sivilingeniør|Maisteri|Inžinierius|Posgrado|Maestría|Especialización|Pós-graduação|Lato Sensu|Laurea Specialistica|Master di II livello|Postgraduate Degree|PG Dip|PGCE (QTS)|Post-Master's Certificate|M.Lib.I.Sc.|MHRM",
    "doctor": "PhD Studentship|Doctor of Philosophy (PhD)|Doctor of Philosophy (Ph.D.)|Doctor of Medicine (MD)|Juris Doctor (J.D.)|Doctoral Degree|Doctoral Studies|Dr. techn.|Dr. sc. ETH|Tohtori|DClinPsy|DPharm|DNP|Fellowship|Cotutelle PhD|Doctorat d'État|Dottorato|DSc",
    "below": "Level 3 Extended Diploma|Level 4 HNC|Level 5 Diploma|BTEC Level 3 Extended Diploma|T Level|NVQ Level 3 Diploma|Modern Apprenticeship|Higher Apprenticeship|SVQ Level 2|Cert. IV|Advanced Diploma (TAFE)|Statement of Attainment|Career Diploma|Associate in Science|Associate of Arts (A.A.)|Associate in Applied Science (AAS)|Practical Nursing Diploma|Trade Qualification|Red Seal Apprenticeship|Gesellenbrief|Gesellenprüfung|Meisterprüfung|"
    "IHK-Abschluss|Staatlich geprüfte|Duale Ausbildung|Fachabitur|CAP/BEP|Titre professionnel|Bac+2|CFGM|CFGS|Ciclo Formativo|Perito|Qualifica professionale|Yrkesutbildning|Fagbrev|Svendebrev|Szakképzés|Učňovský obor|Önlisans|MBO Niveau 4|MBO Diploma|National N Diploma|N6 Certificate|OND|ND|NCE|ITI Certificate|Post Matric Diploma|Diploma of Associate Engineering|STPM|Foundation Year",
    "school": "A-Levels|A levels|AS Levels|GCSE|10 GCSEs|IGCSE|O Levels|O-Levels|Advanced Higher|Scottish Highers|Leaving Cert|Junior Certificate|IB Diploma|International Baccalaureate Diploma|IB|High School|High School Graduate|High-school diploma|Regents Diploma|Advanced Regents Diploma|Diploma|Secondary School Certificate (SSC)|Higher Secondary Certificate (HSC)|10+2|Class 12|Class 10|Class 12 (CBSE)|Class X (ICSE)|XII|X|SSLC|PUC|Intermediate|Plus Two|Matriculation|Matric|National Senior Certificate|KCSE|WAEC|SSCE|SPM|"
    "Gaokao|VCE|NCEA Level 3|Year 12 Certificate|OSSD|Ontario Secondary School Diploma|DEC|Maturité|Maturità classica|Maturità scientifica|Diploma di Liceo|ESO|Selectividad|Ensino Médio|Allgemeine Hochschulreife (Abitur)|Fachhochschulreife|VWO|HAVO|VMBO|Studentexamen|Gymnasieexamen|Studentereksamen|HTX|Ylioppilastutkinto|Świadectwo maturalne|Maturita|Érettségi|Lise Diploması|Bacalaureat|Apolytirio|Tawjihi|Thanaweya Amma",
    "course": "Coding Bootcamp|Data Science Bootcamp|UX Bootcamp|Certificate of Completion|Micro-credential|MicroMasters|Short Course|Executive Education|Career Track|Intensive Course|Evening Course|Foundation Course|Fellow",
}
EXCHANGES = (
    "Exchange Semester|Erasmus Exchange|Study Abroad|Exchange Student|Semester Abroad|Visiting Student|Erasmus+ Semester|Exchange Programme|Auslandssemester|"
    "Academic Exchange|Exchange Term|Year Abroad|Visiting Scholar|Erasmus Semester|International Exchange|Study Abroad Program"
)
SUBJECTS = (  # below or behind a degree of a high school
    "Maths (A), Physics (A), Chemistry (B)|Biology (A*), Chemistry (A), Psychology (B)|English Literature – A, History – B, French – B|9 GCSEs grades 9–6|"
    "10 GCSEs A*–C including Maths and English|11 GCSEs at grades A–C|Mathematics A, Economics B, Politics B|Higher Level: Physics, Maths, Economics|HL History, English, Biology|"
    "Physics, Chemistry, Mathematics|Accounts, Commerce, Economics|Science stream|Commerce stream|Advanced Mathematics, Biology, Chemistry|Leistungskurse Mathematik, Physik|"
    "Hauptfächer Deutsch, Englisch|option Mathématiques|English (5), Maths (6), Science (5-5)|Art and Design, Media, Sociology|AP Calculus, AP Biology, AP US History|AABB in five Highers"
)
DETAIL = (
    "Modules included {course}, {course} and {course}|Modules: {course} (72%), {course} (68%)|Core modules – {courses}|Relevant coursework: {courses}|Relevant Coursework – {courses}|Selected courses: {courses}|Subjects: {courses}|Main courses taken: {courses}|"
    "Specialized in {course}|Specialization: {course}|Concentration: {course}|Concentrations in {course} and {course}|Track: {course}|Option: {course}|Pathway: {course}|Major: {course}; Minor: {course}|Minors: {course}, {course}|Double minor in {course} and {course}|"
    "Final year project: {topic} (mark: {t}%)|Dissertation title: “{topic}” – 1st|Undergraduate thesis: {topic}|Master's thesis at {employer}: {topic}|Masterarbeit: {topic} (Note 1,3)|Senior thesis on {topic}|PhD thesis: {topic}; advisor {name}|Thesis advisor: {name}, {school}|Examiners: {name}, {name}|"
    "Joint degree with {school}|Dual degree with {school}|Transferred from {school}|Transferred to {school} in {year}|One year at {school} ({year})|Spent a term at {school}|Exchange: {school}, {place} ({year}–{year2})|Summer school at {school}, {year}|Placement year with {employer}|Industrial placement: {employer} ({year})|Clinical placements at {employer}|"
    "Graduated with distinction|Graduated with honours|Graduated first in class|Graduated a year early|Top of the year in {course}|Awarded the {s} Medal|{s} Fellow|Full scholarship from the {s} Trust|DAAD scholarship, {year}|Funded by {employer}|Honor roll, {year}–{year2}|National Honor Society|Valedictorian|Salutatorian|Prefect and house captain|"
    "Worked part-time throughout|While working full time|Evening classes|Part-time, day release with {employer}|Taught in English|Deferred|{t}% attendance|Expected classification: 2:1|Predicted grade: First|Not completed|Left to take up a post at {employer}|Entry by examination|Chartered by {s} Institution|WES evaluated: equivalent to a U.S. degree"
)
FACULTIES = (
    "Faculty of Science|Faculty of Engineering|School of Law|School of Business|Department of Physics|Dept. of Computer Science|Faculty of Arts|College of Education|School of Nursing|Faculty of Medicine|Department of History|School of Design|Graduate School|"
    "College of Liberal Arts|Faculty of Humanities|Institut für Informatik|Fakultät für Maschinenbau|UFR Sciences|Facultad de Derecho|Department of Mathematics|Honors College|School of Social Work|Faculty of Agriculture|Department of Civil Engineering|Business School|Main Campus|Continuing Education"
)
MODES = "Full-time|Part-time|Distance learning|Online|Evening course|Full time|Regular|Correspondence|Day release|Dual study|Executive|On campus|by research|berufsbegleitend|Weekend programme"
STATUS = "in progress|In Progress|ongoing|currently enrolled|current|not completed|incomplete|pursuing|3rd year|2nd semester|coursework completed|ABD|part completed|final year|on leave"
DONE = "completed|graduated|with honours|passed|awarded|first attempt|early graduation"
TAILS = (  # behind a field
    ", minor in {}|, with a minor in {}| (minor in {})| (Minor: {})|, Minor {}| with minor in {}|; minor: {}| with a concentration in {}|, concentration in {}| (Concentration: {})| – specialization in {}| with specialisation in {}|, emphasis in {}| (major: {})|, focus on {}| / Minor in {}"
).split("|")


def extras(entry, names, number, rng, now=2026):
    """The runs of the fields that only these headings have."""
    out = {}
    pick = lambda words: [Run(rng.choice(words.split("|")), "detail")]
    if "faculty" in names and rng.random() < 0.75 and entry["level"] not in ("school", "course") and "," not in entry["school"]:
        out["faculty"] = pick(FACULTIES)
    if "mode" in names and rng.random() < 0.75:
        out["mode"] = pick(MODES)
    if "status" in names and rng.random() < 0.6:
        out["status"] = pick(STATUS if entry["end"][0] >= now or rng.random() < 0.15 else DONE)
    if "minor" in names and entry["field"] and rng.random() < 0.7:
        out["minor"] = pick(
            "Economics|Music|Spanish|Mathematics|Chemistry|Psychology|French|Business|Art History|Statistics|Dance|Philosophy"
        )
    if "number" in names:
        out["number"] = [Run(f"{number}{'.' if rng.random() < 0.7 else ')'}")]
    return out


def tail(rng, fields):
    """A minor or a specialisation behind a field."""
    before, after = rng.choice(TAILS).split("{}")
    words = before.lstrip(" (,;–/")
    joiner = before[: len(before) - len(words)]
    return [Run(joiner), Run(words + rng.choice(fields), "detail")] + ([Run(after)] if after else [])
