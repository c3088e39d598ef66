"""What people of each trade write. {n} small number, {p} per cent, {y} a past year, {k} thousands, {co} another firm."""
SOFTWARE = dict(
    titles="Junior Developer;Software Engineer;Backend Developer;Senior Software Engineer;Staff Engineer;Engineering Manager;Systems Programmer;Platform Lead;QA Analyst;DevOps Engineer",
    teams="Payments;Search Relevance;Platform Reliability;Internal Tools;Checkout;Telemetry",
    employers="Brightloom;Kestrel & Vane;Nimbora;Tesserak;Ferrovial Digital;Oatpath;Zürcher Kantonalbank;Halcyon Nine;Quillmark;Stadtwerke Leipzig;Blue Ferret;Rijkswaterstaat;Voltaire Mobility;Sundog;Mphasis;INFODATA;Pepperline;Okada Systems;Hexwater;Zalora;Allegro;Grayling Works;CSIRO;Tuxedo Frog",
    points="""Rewrote the nightly billing job in Go, which cut its run from four hours to {n} minutes
Carried the pager one week in five and wrote most of the runbooks people still use
Moved {n} services off a single Postgres box without a minute of planned downtime
Paired with two apprentices until they could ship on their own
Found and fixed a race in the seat-hold code that had been double-booking since {y}
Built the import path for customers arriving from {co}, including their odd CSV files
Argued for, and then led, the retirement of the old SOAP gateway
Took page load on the product page down from 4.1 s to 1.2 s on a mid-range phone
Wrote a small linter that now runs on every merge request in the company
Kept the ticket 555-0100-A migration moving while the vendor changed hands
Interviewed about {n} candidates and rewrote the take-home exercise to be kinder
Set up tracing across Kafka consumers so that a lost message can be followed end to end
Owned the release train for Android, 2.14 through 3.0
Replaced hand-made deploys with pipelines; releases went from monthly to several a day
Designed the permissions model used by hospitals and school districts alike
Halved cloud spend by deleting things nobody remembered starting
Acted as Product Owner for a quarter while the post was vacant
Maintained the C++ geometry kernel and its 11,000 tests
Presented the outage review to the board, in plain words, without slides
Contributed patches upstream to Debian and to the Django admin
Worked with Senior Data Scientist colleagues to put the fraud model behind a stable API
Trained support staff to read logs, so that fewer than {p}% of tickets now reach engineers
Ported the scheduling engine from a university prototype (Technical University of Denmark) to production
Introduced feature flags and a habit of turning them off again""",
    skills="Go;Python;TypeScript;PostgreSQL;Kubernetes;Terraform;Rust;C++;React;Kafka;AWS;Linux;Redis;GraphQL;C#;.NET;Bash;CI/CD;Node.js;Elasticsearch",
    certs="AWS Certified Solutions Architect – Associate|Amazon Web Services;Certified Kubernetes Administrator|CNCF;Professional Scrum Master I|Scrum.org;Oracle Certified Java Programmer|Oracle;ISTQB Foundation Level|ISTQB",
    degrees="BSc|Computer Science;MSc|Distributed Systems;Bachelor of Engineering|Software Engineering;B.Tech|Information Technology;MEng|Electronic Engineering;Diplom|Informatik;PhD|Programming Languages;Bootcamp Certificate|Full-Stack Web Development",
    summary="Engineer who likes dull, dependable systems and short meetings;Backend developer with a soft spot for databases and a habit of writing things down;I build services that small teams can run without heroics")
NURSING = dict(
    titles="Healthcare Assistant;Staff Nurse;Registered Nurse;Charge Nurse;Ward Sister;Clinical Nurse Specialist;Community Midwife;Nurse Practitioner;Certified Nursing Assistant;Practice Nurse",
    teams="Acute Medical Unit;Ward 7B;Paediatric Oncology;Theatres;Renal Outpatients;ICU",
    employers="Leeds General Infirmary|Leeds, UK;St Columcille's|Dublin, Ireland;Charité|Berlin, Germany;NHS Lothian|Edinburgh, UK;Mercy General|Sacramento, CA;Aga Khan University Hospital|Nairobi, Kenya;Providence Portland|Portland, OR;Groote Schuur|Cape Town, South Africa;Hôpital Sainte-Anne|Toulon, France;Bupa;Silverbirch Care;The Laurels;King Faisal Specialist Hospital|Riyadh, Saudi Arabia;Marie Curie;Tan Tock Seng|Singapore;Alfred Health|Melbourne, Australia;Mayo Clinic|Rochester, MN;Barnardo's;Kaiser Permanente;Hawthorn Lodge;Karolinska|Stockholm, Sweden;Ysbyty Gwynedd|Bangor, UK",
    points="""Looked after up to {n} patients a shift on a mixed surgical ward
Gave chemotherapy and taught families what to watch for at home
Took charge of nights with two healthcare assistants and a very unreliable lift
Cut falls by {p}% with hourly rounding and better footwear
Mentored student nurses from Northumbria University and signed off their proficiencies
Ran the leg-ulcer clinic on Tuesdays and Fridays
Triage of walk-in patients, often {n} or more before noon
Wrote the ward's sepsis checklist, later taken up by the whole trust
Moved dialysis patients to home treatment, one household at a time
Covered for the Ward Manager during a long absence in {y}
Handled controlled drugs, blood products and the paperwork that goes with both
Worked with the hospice team and Macmillan Cancer Support on discharge at short notice
Assisted at more than {n}0 births, including {n} at home
Kept vaccine fridges, stock and recall letters in order
Floated between telemetry and step-down as census required
Audited hand hygiene each month and reported the figures without naming names
Spoke Spanish and Portuguese with families when no interpreter could be found
Started IV lines on children other people had given up on
Helped move Ward 12 to the new building over one weekend in {y}
Answered the out-of-hours line (ext. 555 0143) two nights a week
Chaired the shared-governance council for medical and surgical nursing
Precepted {n} new graduates through their first year""",
    skills="Venepuncture;IV therapy;Wound care;Triage;Phlebotomy;Epic;SystmOne;Medication administration;Palliative care;Infection control;Patient education;Telemetry;Catheterisation;Care planning",
    certs="Basic Life Support|American Heart Association;Advanced Cardiovascular Life Support|American Heart Association;Registered Nurse (Adult)|Nursing and Midwifery Council;Immediate Life Support|Resuscitation Council UK;Certified Pediatric Nurse|PNCB",
    degrees="BSN|Nursing;BSc (Hons)|Adult Nursing;Diploma of Higher Education|Midwifery;Associate Degree|Nursing;MSN|Family Practice;Postgraduate Certificate|Critical Care Nursing;Certificate III|Individual Support",
    summary="Calm on busy wards and honest in handover;Registered nurse with a background in renal and community care;Nurse who would rather explain a thing three times than have it misunderstood")
CRAFTS = dict(
    titles="Apprentice Electrician;Electrician;Journeyman Plumber;Site Foreman;Welder/Fabricator;Joiner;HVAC Technician;Maintenance Fitter;CNC Operator;Lead Installer;Bricklayer;Vehicle Technician",
    teams="Heavy Plant;Night Shift;Turbine Hall;Fit-Out;Line 4",
    employers="Hargrave & Daughter;Balfour Beatty;Peterhead Marine;Skanska;Tulloch Joinery;Two Rivers;Bechtel;Grüner Hof Haustechnik;Vinci;McAlpine;Ironbridge;Dufresne Frères;Severn Trent;Boskalis;Lone Pine;Tata Steel;Aker;Northgate Lifts;Wren & Sparrow;Deutsche Bahn;Con Edison;Kwik Fit;Nordfjord Verft;Casa Azul Restauro",
    points="""Wired {n} new-build houses from first fix to test certificates
Fault-finding on three-phase motors, contactors and old relay panels
Welded stainless pipework (TIG) to coded standard in a food plant
Ran a gang of {n} on a hotel refit that finished a week early
Serviced boilers and heat pumps across three counties
Read drawings, set out walls and kept the levels honest
Made and hung oak doors for a listed hall built in 1742
Dealt with customers at the door and left the place cleaner than found
Changed over presses between runs in under {n} minutes
Subcontracted to {co} for the tunnel ventilation works
Took apprentices to college interviews and to their first job on a roof
Kept the van stock and ordering so that second visits were rare
Rebuilt gearboxes and hydraulic rams for quarry plant
Installed {n} rapid chargers along the coast road in {y}
No lost-time accidents in {n},000 hours on site
Laid block paving and drains in all weathers
Programmed Fanuc and Heidenhain controls from customers' drawings
Inspected scaffolds weekly and tagged them before anyone climbed
Carried out thermal imaging of switchboards during the shutdown of {y}
Fitted kitchens for private clients and for Hampstead School of Art
Diagnosed electrical faults on light commercial vehicles with dealer and hand tools
Poured slabs and footings for farm sheds up to 40 by 20 metres
Called out at night to burst mains; on the rota one week in {n}""",
    skills="MIG and TIG welding;Conduit bending;Blueprint reading;PLC fault-finding;Solid plastering;Pipe threading;Brazing;Forklift;AutoCAD LT;Scaffolding inspection;Testing and inspection;Soldering;Setting out;Hydraulics",
    certs="18th Edition Wiring Regulations|City & Guilds;CSCS Gold Card|CITB;OSHA 30-Hour Construction|OSHA;Gas Safe Registration|Gas Safe Register;EPA 608 Universal|ESCO Institute;IPAF 3a/3b|IPAF;Red Seal|Interprovincial Standards",
    degrees="NVQ Level 3|Electrotechnical Services;Certificate IV|Plumbing;City & Guilds Level 2|Bricklaying;Journeyman Certificate|Sheet Metal;HNC|Mechanical Engineering;Gesellenbrief|Elektrotechnik;GCSEs|;High School Diploma|",
    summary="Time-served electrician, tidy worker, own van and tools;Fitter with shutdown and breakdown experience in food, paper and steel;Reliable, early, and not afraid of heights")
RETAIL = dict(
    titles="Sales Assistant;Team Leader;Cashier;Key Holder;Assistant Store Manager;Store Manager;Visual Merchandiser;Stock Controller;Barista;Customer Service Advisor;Buyer;Area Manager",
    teams="Menswear;Fresh Food;Click & Collect;Homeware;Front End",
    employers="Marks & Spencer;Ikea;Foxglove;Pão de Açúcar;Wegmans;The Paper Lantern;Mr Price;Reserved;Boots;Little Otter Books;Migros;Takashimaya;H-E-B;Carrefour;Bunnings;Ollie & Fig;El Corte Inglés;Shoprite;Uniqlo;Dunnes;Rossmann;Corner Thread;Waitrose;Decathlon",
    points="""Opened and closed the shop, cashed up and banked the takings
Took the homeware floor from last to second in the region within a year
Trained {n} Christmas temps in one afternoon and kept {n} of them on
Handled complaints before they reached head office
Counted stock every quarter; shrinkage down {p}%
Wrote rotas for {n} part-timers around exams and school runs
Dressed the windows for spring {y}, later copied by nine branches
Pulled the perfect flat white for roughly {n}0 people every morning
Set up click and collect in a stockroom the size of a wardrobe
Negotiated a better margin with {co} on school uniforms
Ran the self-checkout bank and refused sales politely where the law required
Knew regulars by name and their dogs by temperament
Reordered by hand-held, rotated dates and kept waste under {p}%
Beat target in {n} of 12 months
Placed orders with suppliers in Portugal, Turkey and Bangladesh
Took part in the launch of the loyalty card in {y}
Covered the post of Store Manager for seven weeks
Processed returns, repairs and special orders at the service desk
Moved the whole shop across the street over a bank holiday weekend
Upsold insurance only where it made sense, and still led the league table
Organised late-night openings with Kingston College fashion students""",
    skills="Till operation;Stock control;Visual merchandising;Cash handling;Shopify;Staff rotas;Complaint handling;Planograms;Food hygiene;SAP Retail;Loss prevention;Customer service;Latte art",
    certs="Level 2 Food Hygiene|Highfield;Personal Licence Holder|Leeds City Council;First Aid at Work|St John Ambulance;ServSafe Manager|National Restaurant Association;Fire Marshal|Redhall",
    degrees="BTEC Extended Diploma|Retail Business;A levels|;BA|Fashion Buying and Merchandising;High School Diploma|;Associate of Arts|Business;Baccalauréat|;National Diploma|Marketing",
    summary="Shop-floor manager who still enjoys the shop floor;Friendly, numerate and used to standing all day;Buyer with a good eye for what will not sell")
TEACHING = dict(
    titles="Teaching Assistant;Teacher of Mathematics;Year 4 Class Teacher;Head of Science;English Teacher;Assistant Principal;Deputy Head;Special Education Teacher;Kindergarten Teacher;Lecturer;Instructional Coach;Supply Teacher",
    teams="Lower School;Modern Languages;Sixth Form;Learning Support",
    employers="Hillcrest Academy;St Brigid's National School;Lycée Français de Varsovie;Cherry Creek School District;Nord Anglia;Parkside Primary;Escola da Ponte;Tambaram Christian School;Berlitz;Brookvale High;Prince Alfred College;British Council;Nairobi Academy;Ysgol Glantaf;Al Noor International School;Montessori am Park;Teach First;Dartmoor Federation;Chicago Public Schools;Kumon;Westminster Under School",
    points="""Taught mixed-ability classes of up to 32 pupils in Years 7 to 11
Brought GCSE passes in combined science from {p}% to above the county average
Wrote a phonics scheme that two neighbouring schools have borrowed
Ran the chess club, the eco club and, briefly, the ukulele club
Led a team of {n} teachers and three technicians
Planned a residential trip to Snowdonia every May from {y} onward
Worked with parents of children with autism on small steps at home
Examined for Cambridge Assessment each summer
Set up paired reading between Year 6 and the care home next door
Taught evening classes in English to newly arrived families
Managed the timetable during a term with no hall and half a roof
Coached new teachers through their induction year
Moved the department's marking to shorter, quicker feedback
Acted as designated safeguarding lead for two terms
Directed the school production of Oliver!, with 74 children and one dog
Introduced Python in place of worksheets for the younger years
Translated letters home into Polish and Somali with the help of older pupils
Secured a grant of £{n},000 from the Royal Society for a weather station
Supported pupils moving up from Oakfield Primary School each September
Taught algebra, geometry and AP Statistics; {n} students scored a five
Kept individual education plans for {n} children up to date
Observed lessons, gave plain feedback and came back to see what changed""",
    skills="Lesson planning;Phonics;Safeguarding;Google Classroom;Behaviour management;SEND support;Curriculum design;Differentiation;SIMS;Assessment;Pastoral care;IEP writing",
    certs="Qualified Teacher Status|Department for Education;CELTA|Cambridge English;Paediatric First Aid|British Red Cross;Professional Educator License|Illinois State Board of Education;NPQ for Senior Leadership|UCL Institute of Education",
    degrees="PGCE|Secondary Mathematics;BEd|Primary Education;BA (Hons)|English Literature;M.Ed.|Special Education;BSc|Physics;Master of Arts in Teaching|;B.A.|History;MA|Applied Linguistics",
    summary="Teacher who plans carefully and laughs often;Mathematics teacher with pastoral experience in inner-city schools;Twelve years in primary classrooms on three continents")
