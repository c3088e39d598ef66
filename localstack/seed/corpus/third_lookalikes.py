"""More parts of a résumé that look like jobs, schools or certificates and are none: roles, bodies, shapes and sentences."""

import career
import employers
import people
from blocks import Para, Run, Table

ROLES = {
    "clients": "Rebranding|Year-end Audit|SAP Migration|Interim Support|Website Relaunch|Cost Review|Annual Campaign|Due Diligence|Training Programme|Event Security|Kitchen Design|Translation of Manuals|Portrait Series|Strategy Workshop|Cloud Audit|Catering|Payroll Set-up",
    "grants": "Early Career Grant|Travel Bursary|Doctoral Studentship|Seed Funding|Equipment Grant|Principal Investigator: Coastal Erosion|Co-Investigator, Clean Water Project|Small Research Grant|Postdoctoral Fellowship Grant|Community Arts Fund|Innovation Voucher|Teaching Development Award|Start-up Grant|Conference Grant",
    "courses": "Introduction to Microeconomics|Advanced Calculus|Database Systems (CS 340)|Clinical Pharmacology|Human Anatomy I|Contract Law|Strategic Marketing|Thermodynamics II|Educational Psychology|Spanish IV|Financial Reporting|Fluid Dynamics|Ceramics Studio|Criminal Procedure|Pediatric Nursing|Data Mining|World Literature|Soil Mechanics|Principles of Management|Bread and Pastry I|Auto CAD Level 2|Organic Chemistry Lab",
    "taught": "BIO 101 Introductory Biology|Engineering Drawing|Statistics for Social Scientists|ENG 210: Academic Writing|Corporate Law (LLM)|Seminar “Cities and Power”|Year 9 Science|French for Beginners|MBA Elective: Negotiation|Cell Biology Laboratory|Introduction to Ethics|Guest Lecture: Fire Behaviour|Nursing Ethics|Music Theory II",
    "supervision": "Master's thesis of {g} {s}|BSc project: {g} {s}|PhD student {g} {s}|Mentor of {g} {s}|Co-supervisor of {g} {s}|Examiner, {g} {s}|Trainee teacher {g} {s}|Undergraduate researcher {g} {s}",
    "sports": "Captain|Goalkeeper|First team|Marathon finisher, 3:41|Black belt, 2nd dan|Qualified referee|Assistant coach|County player|Under-21 squad|Regional champion|Cox|Team manager|National finalist|Half marathon|Youth trainer|Striker|Season ticket steward",
    "events": "Exhibitor|Stand crew|Visitor|Attendee|Delegate|Product demonstration|Booth manager|Organising team|Judge|Trade visitor|Buyer’s day|Host|Hospitality team",
    "hackathons": "Winner|2nd Place|Finalist|Participant|Team Captain|Honourable Mention|Top 10|Best UX|People's Choice|Bronze|Mentor|Problem setter|Semi-finalist",
    "media": "Interview|Guest|Columnist piece|Featured chef|Expert comment|Letter to the editor|Podcast guest|Profile|Quoted expert|Op-ed|Cover story|Panel guest|Documentary appearance",
    "service": "Military service|National Service|Conscript|Civilian service|Zivildienst|Grundwehrdienst|Voluntary social year|Service civique|Compulsory military service|Corporal|Private First Class|Lance Corporal|Reserve officer|Medical orderly|Paratrooper|Signaller|Border guard|Freiwilliges Soziales Jahr|Exempt from military service",
    "deployments": "Operation Iraqi Freedom|Operation Enduring Freedom|ISAF|Operation Herrick|KFOR|UNIFIL|Operation Atlanta|Resolute Support|Joint Task Force {h}|Operation Inherent Resolve|Peacekeeping|Hurricane relief|Ship's tour|Exercise {h} {h}",
    "tests": "GRE General: 161 V, 165 Q|GMAT 710|SAT 1380|ACT composite 31|LSAT 167|MCAT 512|GATE – AIR 412|JEE Main 98.2 percentile|CAT 96 percentile|NEET rank 8,412|UPSC prelims cleared|Typing 62 wpm|Praxis Core 176|ASVAB 84|Watson Glaser 78th percentile|EPSO competition|UKCAT 690",
    "credits": "Second Assistant Camera|Gaffer|Boom Operator|Costume Assistant|Additional Editing|Lighting|Banquo|Chorus|Soprano|Sound Design|Session guitar|Choreography|Stage Manager|Ophelia|Set Construction|Make-up|Illustrations|Cover art|Translator",
    "pastimes": "Allotment gardening|Amateur dramatics|Beekeeping|Choir, second alto|Classic motorcycles|Club chess|Dog agility|Folk dance|Home brewing|Model railways|Parkrun|Pottery|Quilting|Restoring furniture|Sailing, crew|Scouts|Street photography|Yoga twice weekly|Travel to 24 countries|Brass band",
    "conferences": "{c} Summit|Annual Meeting of the {c} Society|World Congress of {d}|{us} Nursing Conference|Euro{c}|International Symposium on {d}|{c} Days|Teachers' Convention|{c} Forum|{c} Expo|Users' Group Meeting|Retail Week Live|{d} Workshop",
    "tours": "Machine shop|Line 3|Night ward|Bakery counter|Reactor hall|Newsroom|Front desk|Warehouse B|Studio|Drawing office",
}
BODIES = {
    "clients": "{c}|{c} Ltd|{s} & {s}|{us} Council|{c} Group|Hotel {n}|{de}er Volksbank|The {n} Company|{s} AG|Ministry of {d}|{us} Health|University of {gb}|Bank of {us}|{n} & {n}",
    "grants": "National Institutes of Health|EPSRC|{s} Foundation|Deutsche Forschungsgemeinschaft|NSERC|Wellcome Trust|Arts Council England|Horizon Europe|ARC|Leverhulme Trust|Government of {st}|{us} Community Trust|CNPq|Swiss National Science Foundation|Ford Foundation|{c} Fund",
    "courses": "University of {gb}|{us} State University|edX|Coursera|{us} Community College|Khan Academy|{c} Institute|FutureLearn|{in} University|grade A|Prof. {s}|4 credits|Semester 3|MIT OpenCourseWare|Fall term|with distinction",
    "taught": "University of {us}|{us} State University|{gb} College|Universität {de}|{c} Business School|{s} University|undergraduate|graduate|{n3} students|Department of {d}|evening school|{us} High School",
    "supervision": "University of {gb}|“Models of {d}”|TU {de}|{us} State University|{c} Institute|completed|in progress|now at {c}|University of {us}, {d}",
    "sports": "{gb} Rugby Club|{us} Rowing Association|FC {de}|SV {h}{t2}|{us} Track Club|{in} Cricket Academy|University of {gb}|{gb} Athletic|Tennisclub {de}|{us} Little League|AC {s}|London Marathon|Judo Club {fr}|{h}{t2} United",
    "events": "{c} Expo, {us}|Hannover Messe|bauma|CES|Salon de l'Agriculture|{gb} Food Festival|Gulfood|{c} Trade Fair|Bridal Show {us}|Ideal Home Show|{de} Buchmesse|ISPO|{c} Career Day",
    "hackathons": "Hack{us}|{c} Challenge|{c} Hackathon|International Maths Olympiad|Google Code Jam|{us} Science Fair|WorldSkills {gb}|Smart {in} Hackathon|{c} Business Plan Contest|Moot Court {de}|Imagine Cup|Robotics Olympiad {in}|National Apprentice Contest",
    "media": "BBC Radio {gb}|The {us} Times|Der {h}|{c} Magazine|{us} Public Radio|Le {n}|{c} Podcast|Channel {n3}|The {n} Weekly|El {n}|{in} Express|{us} Gazette|Kitchen & {n}",
    "service": "Turkish Armed Forces|Hellenic Army|Bundeswehr|Austrian Red Cross|Israel Defense Forces|Finnish Defence Forces|Republic of Korea Army|Singapore Armed Forces|Swiss Army|Caritas {de}|Malteser|NYSC, {s} State|Diakonie {de}|Russian Army|Royal Danish Navy|Ejército de Tierra|Armée de l'air|Garrison {de}",
    "deployments": "Afghanistan|Basra, Iraq|Kosovo|Lebanon|USS {h}|Kuwait|Mali|Camp {s}|Cyprus|Gulf of Aden|Germany|Djibouti|Falkland Islands|Fort {s}",
    "tests": "ETS|GMAC|College Board|{n3} attempts|Pearson VUE|NTA|LSAC|AAMC|IIT {in}|first attempt",
    "credits": "“The {n}”|“{a} {n}” (short film)|The {n} Theatre|{c} Productions|“{h} and {h}”|{us} Playhouse|Netflix|“Macbeth”|National Theatre|{c} Records|Royal {gb} Opera|“House of {s}”, Season 2|{c} Games",
    "pastimes": "{gb} Society|{us} Club|{c} e.V.|St. {g}’s|local league|{gb} Allotments|Verein {de}|{us} Community Theater|every Tuesday",
    "conferences": "{us}|{de}|{gb}|{es}|online|{fr}|{in}|{c} Center, {us}|poster presented|invited",
    "tours": "{c}|{c} plc|{us} General|{de} Werk 2|{s} GmbH",
}
MORE_ROLES = {  # of the sections that lookalike_lists.py has too
    "volunteering": "Volunteer Nurse|Volunteer Teacher|Volunteer Project Manager|Soup kitchen cook|Lifeboat crew|Parent governor|Community first responder|Charity shop assistant|Hospital radio presenter|Street pastor|Refugee mentor|Allotment secretary|Volunteer Accountant|Pro bono legal advisor|Website volunteer|Steward|Trail maintenance|Blood drive organiser|Reading helper|Church treasurer|Disaster relief volunteer|Language café host|Animal foster carer|Technical Advisor (unpaid)|Helper",
    "activities": "Student Representative|Yearbook Editor|Hall Senior|Society President|Teaching Assistant (student-run course)|Sound Engineer, student radio|Head of Logistics|Stage crew|Newspaper columnist|Peer tutor|Faculty senator|Cadet Sergeant|Board member|Team captain|Recruitment officer|Finance officer|Band leader|Student consultant",
    "committees": "Chair of Governors|Parish Councillor|Works Council Member|Staff Representative|Union Delegate|Standards Committee Member|Programme Chair|Session Chair|Grant Reviewer|Journal Reviewer|Guest Editor|Examiner|Safety Representative|Commissioner|Board Observer|Expert Panel",
    "memberships": "MCIPD|MRICS|FRSA|AMIMechE|Registered Member|Corresponding Member|Full Member|Professional Member|Founding Member|Branch Secretary|Honorary Fellow|Member No. 48213|Union Member|Board Certified Member",
    "talks": "“{n}s and {n}s: a short history”|Plenary Lecture|Round Table|Workshop: {d} for All|Poster: Models of {d}|Seminar|Discussant|Webinar|Conference Chair|Demonstration|Tutorial|Public Lecture|Fireside Chat|Paper presented",
    "awards": "Apprentice of the Year|Best Newcomer|Chairman's Award|Commendation|Good Conduct Medal|Navy Achievement Medal|NSF Graduate Research Fellowship|Rhodes Scholar|Gates Scholarship|Erasmus Mundus Scholarship|Prix d'excellence|Gold Medal, B.Sc.|State Topper|Star of the Quarter|Nurse of the Year|Daisy Award|Best Presentation|Top Seller 3 Years Running|Perfect Attendance|Order of Merit|Deutschlandstipendium|Hospitality Hero|Distinguished Teaching Award|Michelin Bib Gourmand|Winner, Pastry Cup|Million Dollar Round Table|Purple Heart|Queen's Scout",
    "development": "First Line Management|Safer Recruitment|Makaton Taster|Leading from the Middle|ISO Awareness Day|SAP End-user Training|Emotional Intelligence|Crisis Communication|Working Time Rules|Rhetorik-Seminar|Formation incendie|Curso de liderazgo|Barista Masterclass|New Manager Programme|Graduate Induction|Sales Bootcamp|Telephone Skills",
    "travel": "Working Holiday|Interrail|Language course|Backpacking|Solo Exhibition|Screening|Reading|Orchestra tour|Workaway host|School exchange|Missionary year|World cruise|Residency|Host family",
}
MORE_BODIES = {
    "volunteering": "RNLI {gb}|St John Ambulance|Caritas {de}|Secours Catholique|Cruz Roja {es}|Doctors of the World|{us} Humane Society|Parkrun {gb}|{us} Free Clinic|Age UK|Citizens Advice {gb}|THW {de}|Rotary International|Lions Club {h}{t2}|{s} Elementary PTA|Barnardo's|Shelter|Engineers Without Borders|Missionaries of Charity|Wikimedia|{us} Search and Rescue|Temple Trust, {in}|Goonj|Make-A-Wish {st}|Bright Futures|UNICEF {fr}",
    "activities": "{gb} Students' Union|Erasmus Student Network {de}|{us} Consulting Club|Oxford Union|Beta Gamma Sigma|Rotaract {gb}|Law Review|The {gb} Student|Campus Radio {n3}.5 FM|Air Training Corps|Junior Achievement|Future Farmers of America|DECA|Fasching Club {de}|Moot Society|Hult Prize",
    "committees": "{gb} Primary School|NICE|British Standards Institution|DIN-Ausschuss {d}|{us} Planning Board|Unison|IG Metall|{c} Review|{us} Water Board|European Federation of {d}|{gb} Citizens Panel|{c} Conference|Institute of {d}",
    "memberships": "Royal College of Nursing|The Law Society|Unite the Union|NASUWT|Chartered Institute of Marketing|American Chemical Society|Ärztekammer {de}|Handwerkskammer {de}|Society of Women Engineers|SHRM|Institute of Hospitality|ICE|AIGA|Equity|BECTU|Order of Engineers of {st}|Indian Medical Association|Nigerian Bar Association",
    "talks": "{c} Annual Meeting, {us}|University of {us}|{de} Academy|{d} Forum|TEDx {gb}|Chamber of Commerce {us}|{c} User Group|International Conference on {d}, {fr}|{gb} Literary Festival|webinar for {c}",
    "awards": "{c} plc|NHS England|Hotel {n}|Rotary Foundation|{us} Chamber of Commerce|Government of India|British Council|Fulbright Commission|{c} Bank|University of {us}, School of {d}|US Navy|{us} Tourism Board|Ministère de la Culture|{s} Trust|International {d} Association|{in} University",
    "development": "{c} Group|Acas|Health Education England|Goethe-Institut|Bildungswerk {de}|Cegos|{us} Hospital|{c} University|in company|{s} Associates|TÜV Akademie",
    "travel": "New Zealand|{es}|Peru and Bolivia|{us}, USA|Kibbutz {c}|Workaway, {fr}|Galleria {c}|{de}, Germany|Ghana|Festival {c}|Youth Orchestra of {gb}",
}
WORDS = {  # headings
    "clients": "Selected Clients|Clients|Key Clients|Client List|Major Accounts|Clients Served|Brands|Reference Clients|Representative Clients",
    "grants": "Grants|Grants & Funding|Research Grants|External Funding|Funding|Grants Received|Funded Research|Research Funding",
    "courses": "Relevant Coursework|Coursework|Courses Taken|Selected Coursework|Main Courses|Subjects Studied|Key Modules|Relevant Courses|Graduate Coursework|Academic Courses",
    "taught": "Courses Taught|Modules Taught|Guest Lectures|Teaching Portfolio|Courses Delivered|Lectures Given|Seminars Taught",
    "supervision": "Theses Supervised|Supervision|Student Supervision|Students Supervised|Mentoring|Doctoral Students|Advising",
    "sports": "Sport|Sports|Sporting Achievements|Athletics|Athletic Achievements|Sports & Fitness|Games & Sports",
    "events": "Trade Fairs|Events|Exhibitions & Trade Fairs|Events Attended|Fairs and Events|Trade Shows",
    "hackathons": "Hackathons|Competitions|Contests|Hackathons & Competitions|Olympiads|Competitions & Contests|Challenges",
    "media": "Media|Press & Media|In the Media|Interviews|Podcasts|Media Work|In the Press|Radio and Television",
    "service": "Military Service|National Service & Training|Compulsory Service|Civil Service Year|Wehr- und Zivildienst|Military Obligation|Military and Civilian Service|Conscription",
    "deployments": "Deployments|Operational Tours|Missions|Operations|Overseas Deployments|Campaigns|Tours of Duty",
    "tests": "Test Scores|Standardized Tests|Examinations|Exam Scores|Competitive Exams|Entrance Examinations|Aptitude Tests",
    "credits": "Credits|Filmography|Selected Credits|Discography|Theatre Credits|Film & TV|Stage|Repertoire|Selected Roles",
    "pastimes": "Leisure Activities|Hobbies and Clubs|Out of Work|Free-time Activities|Personal Pursuits|Pastimes|Recreation|Life Outside Work",
    "conferences": "Conferences Attended|Conference Participation|Conference Attendance|Congresses|Conference Visits|Meetings Attended",
    "tours": "Site Visits|Industrial Visits|Work Shadowing|Factory Visits|Observation Days|Industrial Visits Undertaken",
    "testimonials": "Testimonials|Recommendations|What Others Say|Feedback from Clients|Endorsements|Quotes from Managers|Kind Words",
    "functional": "Key Accomplishments|Relevant Accomplishments|Areas of Accomplishment|Functional Skills|Skills & Achievements|Career Accomplishments|Selected Accomplishments|Transferable Skills|Professional Strengths & Examples",
    "cases": "Representative Matters|Selected Transactions|Deal Experience|Case Studies|Representative Cases|Selected Mandates|Deal Sheet|Notable Cases",
    "break": "Career Break|Gap in Employment|Time Away from Work|Family & Career Break|Employment Gap|Sabbatical|Planned Break",
    "relocation": "Relocation|Work Permit|Availability & Mobility|Work Status|Visa Status|Mobility|Availability",
    "research": "Research Interests|Research Areas|Areas of Research|Fields of Interest|Research Focus",
}
PLAIN = [  # shapes: role, body and date, as in lookalikes.py
    ["{title:b}< {employer}>||{dates}"],
    ["{employer:b}< {title}>< {dates}>"],
    ["{dates}", "{title:b}", "{employer}"],
    ["{title:b}", "{dates:g}< · {employer:g}>"],
    ["{title}< / {employer}>< / {dates}>"],
    ["{title}< – {employer}><, {place}>", "{dates:i}"],
    ["<{dates} | >{title:b}< | {employer}>"],
    ["{employer:b}<, {place}>||{dates}", "{title:i}"],
    ["{title:b}<, {dates}>", "~{employer}"],
    ["* {title:b}< – {employer:i}>||{dates}"],
    ["* <{dates} >{title}< at {employer}>"],
    ["* {title}<: {employer}>< ({dates})>"],
    ["* {employer}<, {place}>", "** {title}<, {dates}>"],
    ["{title:i}< with {employer}><, {dates}>"],
    ["{title}< for {employer}>||{dates}"],
    ["{title:u}", "{employer}<, {dates}>"],
    ["{title:b}< ({employer})>< – {dates}>"],
    ["{employer:k}< ({dates})>", "{title}"],
    ["<({dates}) >{title}<, {employer}>"],
    ["<[{dates}] >{employer:b}< – {title}>"],
    ["{title:b}< :: {employer}>< :: {dates}>"],
    ["{title}< ~ {employer}>< ~ {dates}>"],
    ["{=Name:} {title:b}", "{=Where:} {employer}", "{=When:} {dates}"],
    ["{=Event:} {employer}< {=Part:} {title}>< {=Year:} {dates}>"],
    ["{title:b}<. {employer}><. {dates}>"],
    ["{title}<; {employer}><; {place}><; {dates}>"],
    ["● {title}<, {employer}>", "{dates:g}"],
    ["{title:c}||{dates}", "{employer:s}"],
]
PROJECTS = [  # labels and values of projects: {title} is the project, {employer} its client or kind
    ["{=Project:} {title:b}", "{=Client:} {employer}", "{=Duration:} {dates}"],
    ["{=Project Title} : {title:b}", "{=Client} : {employer}<, {place}>", "{=Period} : {dates}"],
    ["{=Project Name –} {title}||{dates}", "{=Client:} {employer}"],
    ["{title:b}< | Client: {employer}>||{dates}"],
    ["{title:b}< for {employer}>< ({dates})>"],
    ["{employer:b}< – {title}>||{dates}"],
    ["{dates}< {title:b}>", "{=Customer:} {employer}"],
    ["{title:b}<, {employer}>||{dates:i}", "{place:g}"],
    ["{title:b}", "{employer}", "{dates}"],
]
QUOTES = "A pleasure to work with|Always on time and always calm|{g} turned our stock room around|The best hire we made that year|I would rehire {g} at any time|Knows the trade and teaches it well|Our patients loved {g}|Clear, quick and honest|{g} saved the project|Strongest candidate of the intake".split(
    "|"
)
THEMES = "Leadership|Customer Service|Project Management|Communication|Sales & Marketing|Teaching & Training|Administration|Technical|Problem Solving|Finance|Team Work|Organisation|Patient Care|Operations|Research|Analysis|Safety|Negotiation".split(
    "|"
)
MATTERS = (
    "Advised {e} on the acquisition of {e2} ({y})|Represented {e} in a dispute with {e2}, {y}|Lead counsel for {e} before the Court of Appeal, {y}–{y2}|Sale of {e} to {e2}, ${n}m, {y}|IPO of {e} ({place}, {y})|Refinancing of {e2}: €{n} million, closed {y}|{e} v. {e2}, {y}|Restructured {e}, {place}; recovered {n}% for creditors|{e}: merger with {e2} (junior analyst, {y})|Financing of a wind park for {e}, {y}"
).split("|")
ABSENCE = (
    "{y}–{y2}: {b}|{b} ({y} – {y2})|{b}, {y}|From {y} to {y2} I cared for my parents and studied part-time.|{b}|{y} – {y2}  {b} in {place}|{b}: birth of two children, {y}–{y2}|Took {n} months off in {y} to travel and learn Spanish.|{b} since {y}; available again from June"
).split("|")
MOBILITY = "Willing to relocate to {place}|Eligible to work in the EU|Green card holder since {y}|H-1B, employer {e}, until {y2}|Tier 2 visa sponsored by {e}|Notice period with {e}: 3 months|Available from September {y2}|Open to travel up to 50%|Lived in {place} {y}–{y2}|UK settled status|Security clearance with {e}, {y}".split(
    "|"
)
FOCUS = "Soil carbon|Labour markets|Nurse retention|Medieval trade|Graph theory|Urban transport|Reading in early years|Power electronics|Marine ecology|Tax law|Bilingualism|Polymer ageing|Public health in ports|Machine translation|Solar cells|Child protection|Sports injuries|Comparative constitutional law".split(
    "|"
)
LINED = ("testimonials", "functional", "cases", "break", "relocation", "research")


def filled(rng, text, ctx):
    """Fill the slots of a sentence; the employers and years are its own."""
    year = rng.randrange(2001, 2024)
    slots = {
        "e": lambda: employers.employer(rng, ctx.code[:2]),
        "e2": lambda: employers.employer(rng),
        "y": lambda: str(year),
        "y2": lambda: str(year + rng.choice([1, 1, 2, 3])),
        "n": lambda: str(rng.randrange(3, 90)),
        "place": lambda: people.a_city(rng, ctx.person["country"])["name"],
        "b": lambda: rng.choice(career.BREAKS),
        "g": lambda: ctx.person["given"],
    }
    for key, make in slots.items():
        while "{" + key + "}" in text:
            text = text.replace("{" + key + "}", make(), 1)
    return text


def lines(kind, ctx):
    """The blocks of a section that is no list of entries."""
    rng, glyph = ctx.rng, ctx.layout.glyph
    style = rng.choice(["body", "bullet", "bullet"])
    para = lambda text, flags="", style=style, before=0: Para([Run(text, "other", flags)], style=style, glyph=glyph, before=before)
    pick = lambda texts, n: [filled(rng, text, ctx) for text in rng.sample(texts, n)]
    if kind == "testimonials":
        out = []
        for text in pick(QUOTES, rng.choice([1, 2, 3])):
            who = f"{people.full_name(rng)}, {career.a_title(rng, ctx.src, ctx.code)}"
            by = [Run(rng.choice(["— ", "– ", ""]) + who, "other"), Run(", "), Run(filled(rng, "{e}", ctx), "other")]
            out += [para(f"“{text}.”", "i", "body", 3), Para(by)] if rng.random() < 0.7 else [Para([Run(f"“{text}” ", "other"), *by])]
        return out
    if kind == "functional":
        out = []
        for theme in rng.sample(THEMES, rng.choice([2, 3, 4])):
            out.append(Para([Run(theme, "other", rng.choice(["b", "b", "i", ""]))], before=3))
            for _ in range(rng.choice([2, 2, 3, 4])):
                text = career.point(rng, ctx.src, ctx.code, ctx.skills, 0)
                tail = rng.choice(["", "", " at {e}", " ({e}, {y})", " for {e}", " while at {e}", ", {e}"])
                out.append(para(text.rstrip(".") + filled(rng, tail, ctx)))
        return out
    if kind == "break":
        return [para(text, style="body") for text in pick(ABSENCE, 1)]
    if kind == "research":
        words = rng.sample(FOCUS, rng.choice([2, 3, 4]))
        return [para("; ".join(words), style="body")] if rng.random() < 0.4 else [para(word) for word in words]
    return [para(text) for text in pick({"cases": MATTERS, "relocation": MOBILITY}[kind], rng.choice([2, 3, 4]) if kind == "cases" else 2)]


def referees(rng, name, title, boss, number, mail, place):
    """More arrangements of a referee: the runs of each line."""
    return rng.choice(
        [
            [[name, title], [boss, place], [mail]],
            [[f"{name} ({title})"], [f"{boss}, {place}"], [f"T: {number}"]],
            [[f"Dr {name}"], [f"{title} | {boss}"], [f"{number} | {mail}"]],
            [[boss], [title, name], [place], [number]],
            [
                [f"{name}, {boss}"],
                [f"Known for {rng.randrange(2, 15)} years as my {rng.choice(['manager', 'tutor', 'head teacher', 'supervisor'])}"],
                [mail],
            ],
            [[f"Referee {rng.choice('12AB')}: {name}"], [f"Job title: {title}"], [f"Organisation: {boss}"], [f"Address: {place}"]],
            [[f"{name} – {boss} – {number}"]],
            [[name], [f"{title} ({rng.randrange(2008, 2018)}–{rng.randrange(2018, 2025)})"], [boss], [mail]],
            [[title, boss], [f"Contact: {name}, {number}"]],
        ]
    )


def service_table(rows, rng):
    """Rows of a role, a body and a date in a table of two or three columns."""
    cells = [[[Para([Run(part or "", "other" if part else None)])] for part in row] for row in rows]
    order = rng.choice([[2, 0, 1], [0, 1, 2], [1, 0, 2]])
    widths = [0.2 if i == 2 else 0.4 for i in order]
    return Table([[row[i] for i in order] for row in cells], widths, borders=rng.random() < 0.45)
