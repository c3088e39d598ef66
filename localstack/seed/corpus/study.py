"""Made-up education: schools, degrees, fields and the lines below them."""

import re

import employers
import people
import study_lists
import third_studies
import third_subjects
from employers import fill

REAL_SCHOOLS = (
    "Harvard University|Stanford University|MIT|Massachusetts Institute of Technology|University of California, Berkeley|UC Berkeley|UCLA|USC|NYU|New York University|Columbia University|Cornell University|Princeton University|Yale University|University of Pennsylvania|Brown University|Dartmouth College|Duke University|"
    "Georgia Tech|Georgia Institute of Technology|Carnegie Mellon University|University of Michigan|University of Michigan, Ann Arbor|Ohio State University|Penn State|Pennsylvania State University|Purdue University|Indiana University Bloomington|University of Illinois at Urbana-Champaign|UIUC|Northwestern University|University of Chicago|"
    "University of Wisconsin–Madison|University of Minnesota|University of Texas at Austin|UT Austin|Texas A&M University|Rice University|Arizona State University|University of Arizona|University of Washington|Oregon State University|University of Oregon|San José State University|Cal Poly San Luis Obispo|San Diego State University|UC San Diego|UC Davis|University of Florida|"
    "Florida State University|University of Miami|Emory University|Vanderbilt University|UNC Chapel Hill|North Carolina State University|Virginia Tech|University of Virginia|George Mason University|University of Maryland, College Park|Johns Hopkins University|Georgetown University|Rutgers University|Boston University|Northeastern University|Tufts University|Syracuse University|SUNY Buffalo|"
    "Stony Brook University|CUNY Hunter College|Fordham University|RIT|Drexel University|Temple University|University of Pittsburgh|Michigan State University|Iowa State University|Kansas State University|Brigham Young University|University of Utah|Western Governors University|University of Phoenix|Southern New Hampshire University|Full Sail University|Savannah College of Art and Design|"
    "University of Toronto|McGill University|University of Waterloo|University of British Columbia|UBC|Simon Fraser University|Concordia University|Seneca College|Humber College|University of Oxford|University of Cambridge|Imperial College London|UCL|University College London|London School of Economics|LSE|King's College London|University of Edinburgh|University of Manchester|"
    "University of Leeds|University of Hull|University of Bristol|University of Warwick|Durham University|Cardiff University|Queen's University Belfast|Open University|The Open University|Trinity College Dublin|University College Cork|TU Munich|Technische Universität München|RWTH Aachen|Humboldt-Universität zu Berlin|Universität Heidelberg|ETH Zürich|EPFL|Universität Wien|TU Delft|"
    "University of Amsterdam|KU Leuven|Sorbonne Université|École Polytechnique|Sciences Po|HEC Paris|INSEAD|Politecnico di Milano|Università di Bologna|Universidad Complutense de Madrid|Universitat de Barcelona|IE Business School|Universidade de São Paulo|UNAM|Tecnológico de Monterrey|Lund University|KTH Royal Institute of Technology|University of Copenhagen|Aalto University|University of Warsaw|"
    "IIT Bombay|IIT Delhi|Indian Institute of Technology, Madras|IIM Ahmedabad|BITS Pilani|Anna University|University of Mumbai|Delhi University|JNTU Hyderabad|VIT University|Visvesvaraya Technological University|National University of Singapore|NTU|Tsinghua University|Peking University|University of Hong Kong|University of Tokyo|KAIST|Seoul National University|University of Melbourne|"
    "UNSW Sydney|Monash University|University of Auckland|University of Cape Town|University of Lagos|University of Nairobi|Makerere University|American University of Beirut|Cairo University|Middle East Technical University|Boğaziçi University|University of the Philippines|Ateneo de Manila University"
)
SCHOOLS = [
    "University of {us}",
    "University of {gb}",
    "{us} State University",
    "{us} University",
    "{s} College",
    "{s} University",
    "{us} Community College",
    "{us} Technical College",
    "{us} Institute of Technology",
    "{us} College of Art",
    "TU {de}",
    "Hochschule {de}",
    "Fachhochschule {de}",
    "Universität {de}",
    "Université de {fr}",
    "IUT de {fr}",
    "Lycée {s}",
    "Universidad de {es}",
    "Universidad Autónoma de {es}",
    "IES {s}",
    "IIT {in}",
    "NIT {in}",
    "{in} University",
    "{s} Institute of Technology, {in}",
    "{s} Engineering College",
    "{s} Gymnasium",
    "{gb} Grammar School",
    "{gb} College",
    "{us} High School",
    "{s} High School",
    "St. {g}'s School",
    "St {g} College, {in}",
    "Our Lady of {h}{t2}",
    "{gb} Metropolitan University",
    "{us} School of Nursing",
    "{h}{t2} Academy",
    "{us} Culinary Institute",
    "{us} Beauty School",
    "Kendriya Vidyalaya, {in}",
    "Universidade Federal de {h}{t2}",
    "Politechnika {s}",
    "{us} Vocational School",
    "{us} Christian College",
    "{s} School of Business",
    "{s} Polytechnic",
    "{us} A&M",
    "École Supérieure de {fr}",
]
ACRONYMS = (
    "UCLX NCSU FSU UNH UMBC KSU WVU UTEP NJIT GWU CSUN MSU UCD QMUL UEA LJMU VU TUHH FHNW HTW UPC UAB USP PUC-RJ NUST LUMS MUET UPM".split()
)
BOOTCAMPS = [
    "{c} Academy",
    "{c} Coding Bootcamp",
    "Hack {n}",
    "{us} Code School",
    "The {n} School",
    "{c} Institute",
    "General Assembly",
    "Udacity",
    "Coursera",
    "Lambda School",
    "Le Wagon",
]
DEGREES = {  # level: (full, short) forms
    "bachelor": [
        "Bachelor of Science|B.S.|BS|BSc|B.Sc.|BSc (Hons)|B.Sc|BSc Hons|Bachelor's|Bachelor's Degree|S.B.",
        "Bachelor of Arts|B.A.|BA|BA (Hons)|A.B.|BA Hons",
        "Bachelor of Engineering|B.E.|BE|BEng|B.Eng.|BEng (Hons)",
        "Bachelor of Technology|B.Tech|B.Tech.|BTech|B. Tech",
        "Bachelor of Commerce|B.Com|BCom|B.Com.",
        "Bachelor of Business Administration|BBA|B.B.A.",
        "Bachelor of Fine Arts|BFA|B.F.A.",
        "Bachelor of Education|B.Ed.|BEd",
        "Bachelor of Laws|LLB|LL.B.",
        "Bachelor of Nursing|BSN|BN",
        "Bachelor of Computer Applications|BCA|B.C.A.",
        "Licence|Licenciatura|Grado|Laurea|Diplom|Bachelor|Undergraduate Degree",
        "Bachelor of Architecture|B.Arch",
    ],
    "master": [
        "Master of Science|M.S.|MS|MSc|M.Sc.|M.Sc|Master's|Master's Degree|Master|Masters",
        "Master of Arts|M.A.|MA|MA (Hons)",
        "Master of Business Administration|MBA|M.B.A.|Executive MBA",
        "Master of Engineering|M.Eng.|MEng|M.E.",
        "Master of Technology|M.Tech|M.Tech.",
        "Master of Education|M.Ed.|MEd",
        "Master of Public Health|MPH",
        "Master of Computer Applications|MCA|M.C.A.",
        "Master of Laws|LLM",
        "Postgraduate Diploma|PGDM|PG Diploma|PGCE|Postgraduate Certificate",
        "MPhil|Maîtrise|Magister|Mestrado|Máster",
    ],
    "doctor": [
        "Doctor of Philosophy|Ph.D.|PhD|DPhil|Doctorate",
        "Doctor of Medicine|M.D.|MD|MBBS|MBChB",
        "Juris Doctor|J.D.|JD",
        "Doctor of Education|Ed.D.",
        "Doctor of Pharmacy|PharmD",
        "Dr. rer. nat.|Dr.-Ing.|Doctorat",
    ],
    "below": [
        "Associate of Science|A.S.|AS|Associate Degree|Associate's Degree",
        "Associate of Arts|A.A.|AA",
        "Associate of Applied Science|A.A.S.|AAS",
        "Diploma|Advanced Diploma|HND|Higher National Diploma|National Diploma|Polytechnic Diploma",
        "Certificate|Certificate IV|Professional Certificate|Trade Certificate|NVQ Level 3|City & Guilds Level 2|BTEC Level 3",
        "Foundation Degree|FdA|FdSc",
        "Vocational Training|Apprenticeship|Ausbildung|CAP|BTS|DUT",
    ],
    "school": [
        "High School Diploma|GED|HS Diploma|High School Certificate|Secondary School|Abitur|Matura|Baccalauréat|Bachillerato|Leaving Certificate|International Baccalaureate|HSC|SSC|Class XII|Class X|12th|10th|Higher Secondary Certificate|WASSCE|GCSEs|A-Levels|A Levels|Sixth Form"
    ],
    "course": ["Nanodegree|Bootcamp|Full Stack Bootcamp|Certificate Program|Professional Development Course|Immersive"],
}
FIELDS = {
    "15": "Computer Science|Computer Engineering|Software Engineering|Information Technology|Information Systems|Data Science|Mathematics|Applied Mathematics|Statistics|Physics|Electrical Engineering|Electronics and Communication Engineering|Computer Science & Engineering|Cybersecurity|Artificial Intelligence|Informatik|Human-Computer Interaction|Mathematics and Computer Science",
    "17": "Mechanical Engineering|Civil Engineering|Electrical Engineering|Chemical Engineering|Aerospace Engineering|Industrial Engineering|Architecture|Materials Science|Maschinenbau|Electrical & Electronics Engineering|Environmental Engineering|Mechatronics",
    "11": "Business Administration|Management|Business Management|Economics|Finance|International Business|Marketing|Operations Management|Hospitality Management|Public Administration|Organizational Leadership|Accounting and Finance",
    "13": "Accounting|Finance|Economics|Human Resource Management|Business Administration|Banking|Supply Chain Management|Political Science|International Relations|Accounting & Finance|Actuarial Science",
    "19": "Biology|Chemistry|Psychology|Molecular Biology|Environmental Science|Physics|Neuroscience|Geography|Biochemistry|Sociology|Ecology|Geology",
    "21": "Social Work|Psychology|Sociology|Counseling|Theology|Human Services",
    "23": "Law|Political Science|English Literature|History|Philosophy|Criminal Justice",
    "25": "Elementary Education|English|History|Special Education|Education|Early Childhood Education|French and Spanish|Music|Mathematics Education|Linguistics",
    "27": "Graphic Design|Journalism|Film Studies|Fine Art|Communications|Fashion Design|Music Performance|Interior Design|Media Studies|Creative Writing|Visual Communication|English",
    "29": "Nursing|Medicine|Pharmacy|Physiotherapy|Radiography|Biomedical Science|Public Health|Occupational Therapy|Dental Hygiene|Veterinary Medicine",
    "31": "Medical Assisting|Health Science|Nursing|Phlebotomy|Health and Social Care",
    "35": "Culinary Arts|Hospitality|Baking and Pastry|Hotel Management|Food Science",
    "43": "Business|Office Administration|General Studies|Communications|Accounting",
    "": "General Studies|Business|Liberal Arts|Automotive Technology|Welding Technology|Construction Management|HVAC|Criminal Justice|Agriculture|Logistics|Communications|Carpentry|Electrical Installation|Sport Science|Tourism",
}
HONOURS = [
    "magna cum laude",
    "summa cum laude",
    "cum laude",
    "First Class Honours",
    "2:1",
    "Upper Second Class Honours",
    "with distinction",
    "Distinction",
    "First Class",
    "honours",
    "Dean's List",
    "First Class with Distinction",
    "2.1 Hons",
    "Pass with Merit",
]
GRADES = [
    "GPA: 3.{2}",
    "GPA 3.{1}",
    "GPA: 3.{1}/4.0",
    "CGPA: 8.{2}",
    "CGPA: 7.{1}/10",
    "Grade: 1,{1}",
    "3.{2}/4.00",
    "GPA 3.{2} / 4.0",
    "Note: 2,{1}",
    "{t}%",
    "Percentage: {t}%",
    "Cumulative GPA: 3.{1}",
    "Major GPA: 3.{2}",
    "Overall grade: 2:1",
]
COURSES = "Algorithms|Data Structures|Operating Systems|Linear Algebra|Probability|Macroeconomics|Corporate Finance|Organic Chemistry|Thermodynamics|Marketing Strategy|Databases|Machine Learning|Anatomy|Pharmacology|Child Development|Research Methods|Business Law|Statistics|Art History|Fluid Mechanics|Computer Networks|Food Safety|Cost Accounting"
TOPICS = "soil moisture sensing|urban bus networks|sparse graph search|trade unions in the 1970s|early reading|nurse staffing|bond pricing|noise in photodiodes|heat pumps in old houses|regional dialects|supply chain risk|river restoration"
AWARDS = [
    "Dean's List (2 semesters)",
    "National Merit Scholar",
    "Presidential Scholarship",
    "President, Debate Society",
    "Captain, Women's Rugby",
    "Exchange semester at {school} ({year})",
    "Erasmus at {school}",
    "Recipient of the {s} Scholarship",
    "Teaching assistant for {course}",
    "Member, Student Senate",
    "Study abroad: {place}, Spring {year}",
    "Activities: Chess Club, Choir",
    "Winner of the {s} Prize {year}",
]


UNIVERSITY = re.compile(
    "hesis|issertation|arbeit|GRE|moire|Advis|upervis|Erasmus|Capstone|Research|Minor|Committee|Licensed|credit|Curriculum"
)


def school(rng, level):
    """Make a school fitting a level of degree."""
    if level == "course":
        return fill(rng, rng.choice(BOOTCAMPS))
    if level == "school" and rng.random() < 0.4:
        return fill(rng, rng.choice(third_subjects.HIGH_SCHOOLS.split("|")))
    if level == "school":
        return fill(
            rng,
            rng.choice(
                [
                    "{s} Gymnasium",
                    "{gb} Grammar School",
                    "{us} High School",
                    "{s} High School",
                    "St. {g}'s School",
                    "Kendriya Vidyalaya, {in}",
                    "Lycée {s}",
                    "IES {s}",
                    "{gb} College",
                    "{us} Central High",
                    "Liceo {s}",
                    "{h}{t2} Academy",
                    "{gb} Sixth Form College",
                    "{us} Preparatory School",
                    "P.S. {n3}",
                ]
            ),
        )
    roll = rng.random()
    if roll < 0.18:
        name = rng.choice(REAL_SCHOOLS.split("|"))
    elif roll < 0.34:
        name = fill(rng, rng.choice(third_subjects.SCHOOLS.split("|")))
    elif roll < 0.38:
        name = rng.choice(ACRONYMS)
    elif roll < 0.54:
        name = rng.choice(study_lists.PLAIN_SCHOOLS.split("|"))
    else:
        name = fill(rng, rng.choice(SCHOOLS if roll < 0.78 else study_lists.SHAPED))
    return name if people.printable(name.replace("–", "-")) else "University of Hull"


def details(rng, start_year):
    """Lines below a degree."""
    out = []
    courses = COURSES.split("|")
    for rate in (0.45, 0.35, 0.2, 0.1):
        if rng.random() > rate:
            break
        line = rng.choice(rng.choice([study_lists.DETAIL, third_studies.DETAIL]).split("|")) if rng.random() < 0.85 else rng.choice(AWARDS)
        line = line.replace("{courses}", ", ".join(rng.sample(courses, rng.randint(2, 6))))
        while "{" in line:
            name = line[line.index("{") + 1 : line.index("}")]
            value = {
                "course": lambda: rng.choice(courses),
                "topic": lambda: rng.choice(["{}", "A study of {}", "On {}", "{}: a case study"]).format(rng.choice(TOPICS.split("|"))),
                "name": lambda: people.full_name(rng),
                "s": lambda: people.a_name(rng)[1],
                "year": lambda: str(start_year + 1),
                "year2": lambda: str(start_year + 2),
                "school": lambda: school(rng, "bachelor"),
                "place": lambda: people.a_city(rng, "ES")["name"],
                "employer": lambda: employers.employer(rng),
                "n": lambda: str(rng.randrange(20, 120)),
                "t": lambda: str(rng.randrange(60, 96)),
            }[name]()
            line = line.replace("{" + name + "}", value, 1)
        out.append(line)
    return list(dict.fromkeys(out))


def a_degree(rng, level):
    """A degree and whether it is one name without a field."""
    roll = rng.random()
    if level in study_lists.WHOLE and roll < 0.16:
        return rng.choice(study_lists.WHOLE[level].split("|")), True
    if roll < 0.36:
        return rng.choice(third_studies.DEGREES[level].split("|")), level == "school"
    if roll < 0.6:
        return rng.choice(study_lists.MORE_DEGREES[level].split("|")), level == "school"
    return rng.choice(rng.choice(DEGREES[level]).split("|")), level == "school"


def a_grade(rng):
    """A grade, or None."""
    roll = rng.random()
    if roll < 0.27:
        text = rng.choice(study_lists.GRADES.split("|") if rng.random() < 0.6 else GRADES)
        for slot, low, high in (("{2}", 10, 99), ("{1}", 1, 9), ("{t8}", 6, 10), ("{t}", 58, 96)):
            text = text.replace(slot, str(rng.randrange(low, high)))
        return text
    return rng.choice(HONOURS) if roll < 0.38 else None


def subjects(rng):
    """Subjects of a high school."""
    if rng.random() < 0.5:
        return rng.choice(third_studies.SUBJECTS.split("|"))
    return ", ".join(rng.sample(["Maths", "Physics", "Biology", "Art", "French", "Geography", "English", "Chemistry", "History"], 3))


def exchange(rng, home):
    """A term at another university, as an entry of its own."""
    year, place = home["end"][0] - 1, people.place(rng, people.weighted(rng, people.COUNTRIES))
    more = {"degree": rng.choice(third_studies.EXCHANGES.split("|")), "school": school(rng, "bachelor"), "place": place}
    more |= {"field": home["field"] if rng.random() < 0.4 else None, "level": "exchange", "grade": None, "detail": [], "subjects": None}
    return {**home, **more, "start": (year, 2, 1), "end": (year, rng.choice([6, 7, 12]), 20)}


def education(rng, group, start_year, country, n, below=False):
    """Make n education entries, the latest first; the career starts at start_year."""
    if n == 0:
        return []
    levels = {1: ["bachelor"], 2: ["master", "bachelor"], 3: ["doctor", "master", "bachelor"]}[min(n, 3)]
    if below:
        levels = {1: [rng.choice(["school", "below"])], 2: ["below", "school"], 3: ["course", "below", "school"]}[min(n, 3)]
    elif n == 2 and rng.random() < 0.4:
        levels = rng.choice([["bachelor", "school"], ["course", "bachelor"], ["bachelor", "below"]])
    if n > 3 and levels[-1] != "school":
        levels = levels + ["school"]
    end = start_year
    out = []
    for level in levels:
        length = {
            "master": rng.choice([1, 2]),
            "bachelor": rng.choice([3, 4]),
            "doctor": rng.choice([3, 4, 5]),
            "below": 2,
            "school": rng.choice([2, 4]),
            "course": 1,
        }[level]
        field = rng.choice(FIELDS.get(group, FIELDS[""]).split("|"))
        if rng.random() < 0.42:
            other = rng.choice([study_lists.FIELDS, third_subjects.FIELDS, third_subjects.FIELDS, FIELDS[rng.choice(sorted(FIELDS))]])
            field = rng.choice(other.split("|"))
        degree, whole = a_degree(rng, level)
        if level == "school" and rng.random() < 0.08:
            whole, field = False, rng.choice("Science|Commerce|Arts|MPC|PCM|Mathematics|Biology".split("|"))
        if (
            whole
            or degree in ("MBBS", "MBA", "M.B.A.", "LLB", "JD", "J.D.", "BCA", "MCA", "LLM", "M.D.", "MD", "MBChB", "PharmD", "BSN")
            and rng.random() < 0.85
        ):
            field = None
        elif level in ("course", "below") and rng.random() < 0.12:
            field = None
        grade = a_grade(rng)
        out.append(
            {
                "level": level,
                "degree": degree,
                "field": field,
                "school": school(rng, level),
                "place": people.place(rng, country),
                "start": (end - length, 9, 1),
                "end": (end, rng.choice([5, 6, 7, 9]), 15),
                "grade": grade,
                "detail": [line for line in details(rng, end - length) if level != "school" or not UNIVERSITY.search(line)],
                "subjects": subjects(rng) if level == "school" and rng.random() < 0.35 else None,
            }
        )
        if level in ("bachelor", "master") and rng.random() < 0.05:
            out.append(exchange(rng, out[-1]))
        end -= length + (rng.choice([0, 0, 0, 1, 2]))
    return out
