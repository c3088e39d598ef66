//! The word lists that the taxonomies do not hold: the vocabulary a reader of CVs brings along. Lower case, several a line.

/// The meanings of a single word, each a bit of [`classes`].
pub mod class {
    /// Month, season or quarter.
    pub const MONTH: u32 = 1;
    /// A year from 1950 to 2049.
    pub const YEAR: u32 = 1 << 1;
    /// `present`, `till`, `current`: an end of a period that is still open.
    pub const PRESENT: u32 = 1 << 2;
    /// `years`, `months` as a measure.
    pub const DURATION: u32 = 1 << 3;
    /// Part of the name of a degree.
    pub const DEGREE: u32 = 1 << 4;
    /// Part of the name of a school.
    pub const SCHOOL: u32 = 1 << 5;
    /// Part of the name of a company: legal forms and the like.
    pub const COMPANY: u32 = 1 << 6;
    /// Head of a job title.
    pub const TITLE: u32 = 1 << 7;
    /// Rank before or in a job title.
    pub const RANK: u32 = 1 << 8;
    /// Upper case two-letter code of a US state, behind a comma or before a postcode.
    pub const STATE: u32 = 1 << 9;
    /// Street, postal and telephone vocabulary.
    pub const ADDRESS: u32 = 1 << 10;
    /// Field of study.
    pub const FIELD: u32 = 1 << 11;
    /// Word of praise for a person: nearly always a soft skill or next to one.
    pub const TRAIT: u32 = 1 << 12;
    /// A human language.
    pub const LANGUAGE: u32 = 1 << 13;
    /// Part of a place name.
    pub const PLACE: u32 = 1 << 14;
    /// An email address.
    pub const EMAIL: u32 = 1 << 15;
    /// A web address.
    pub const URL: u32 = 1 << 16;
    /// Bullet, or bytes written out that stand for one.
    pub const BULLET: u32 = 1 << 17;
    /// Five or more digits, or a phone number's group.
    pub const LONG_NUMBER: u32 = 1 << 18;
    /// Ordinary function word.
    pub const FUNCTION: u32 = 1 << 19;
    /// The number of bits.
    pub const COUNT: u32 = 20;
}

/// The sections of a CV that headings open; the number is the position here, counted from 1.
pub const SECTIONS: [(&str, &str); 12] = [
    ("summary", "summary profile objective about highlights overview aim"),
    (
        "experience",
        "experience experiences employment work history internship internships practicum",
    ),
    (
        "education",
        "education academic academics academia qualification qualifications educational educationis schooling scholastic",
    ),
    (
        "skills",
        "skills skill expertise competencies competence competences proficiencies proficiency technologies tools strengths abilities capabilities software knowledge",
    ),
    ("projects", "project projects"),
    (
        "certifications",
        "certification certifications certificate certificates certified licenses licensure license training trainings courses coursework workshops",
    ),
    (
        "awards",
        "awards award honors honours achievements accomplishments distinctions scholarships",
    ),
    (
        "activities",
        "activities interests hobbies volunteer volunteering affiliations memberships membership leadership community extracurricular service organizations",
    ),
    ("languages", "languages language"),
    ("references", "references reference referees"),
    ("contact", "contact personal details links address information"),
    (
        "publications",
        "publications presentations papers patents research conferences thesis dissertation",
    ),
];

const WORDS: [(u32, &str); 13] = [
    (
        class::MONTH,
        "january february march april may june july august september october november december jan feb mar apr jun jul \
     aug sep sept oct nov dec spring summer fall autumn winter summers",
    ),
    (
        class::PRESENT,
        "present current currently till date now ongoing today onwards until till-date to-date",
    ),
    (class::DURATION, "year years yr yrs month months weeks yrs."),
    (
        class::DEGREE,
        "bachelor bachelors bachelor's master masters master's doctor doctorate doctoral phd ph associate associates \
     diploma degree mba mca bca bba bsc msc btech mtech bs ba ms ma be b m tech pgdm pgdbm pg ssc hsc hsslc sslc ged jd llb llm md \
     mphil bcom mcom bfa mfa mph msw edd rn bsn msn hons honours honors minor major concentration certificate certification \
     certified cbse icse xii intermediate matriculation k12 postgraduate graduate undergraduate juris engineering arts science \
     commerce",
    ),
    (
        class::SCHOOL,
        "university college institute school academy polytechnic universitat université universidad università vidyalaya \
     vidyapeeth vidyalay campus faculty iit nit iiit iim mit bits vit high secondary board institution institutions univ \
     univeristy engg seminary conservatory jntu cbse vishwavidyalaya",
    ),
    (
        class::COMPANY,
        "inc ltd limited llc llp pvt private corp corporation co company technologies technology solutions services \
     systems group consulting consultancy consultants bank industries international associates enterprises partners holdings labs \
     software infotech global communications gmbh ag plc sa networks media hospital center centre restaurant agency foundation \
     association department ministry council clinic district county church hotel stores insurance financial pharma motors \
     telecom studios studio ventures capital infosys microsoft oracle tcs wipro accenture ibm google amazon cisco sap cognizant \
     hp dell capgemini",
    ),
    (
        class::TITLE,
        "engineer developer manager analyst consultant administrator architect designer director executive officer \
     assistant associate coordinator specialist supervisor technician intern trainee teacher tutor lecturer professor instructor \
     programmer tester lead leader head president vice ceo cto cfo founder owner partner accountant auditor clerk cashier \
     secretary receptionist nurse therapist physician surgeon doctor counselor counsellor advisor adviser agent representative \
     rep salesman salesperson buyer planner writer editor author journalist reporter producer researcher scientist fellow \
     scholar attorney lawyer paralegal counsel judge chef cook waiter waitress bartender server driver operator mechanic \
     electrician plumber carpenter welder guard volunteer member chair chairman treasurer ambassador captain coach trainer \
     mentor facilitator recruiter generalist internship apprentice worker aide caregiver librarian curator strategist \
     evangelist expert professional dba sdet admin freelancer contractor host hostess nanny babysitter",
    ),
    (
        class::RANK,
        "senior sr junior jr lead principal chief head deputy assistant associate vice staff graduate trainee executive \
     managing regional national global general team project program product technical technology software web business data \
     systems system application network database quality test support sales marketing operations account human customer",
    ),
    (
        class::ADDRESS,
        "street st avenue ave road rd lane ln drive dr boulevard blvd suite apt apartment box zip phone mobile cell tel \
     telephone fax email e-mail mail contact address home po pin dorm circle court",
    ),
    (
        class::FIELD,
        "computer science sciences engineering mechanical electrical electronics electronic communication communications \
     information technology business administration management finance accounting economics marketing mathematics math physics \
     chemistry biology psychology sociology history english literature political education nursing law arts commerce statistics \
     philosophy journalism telecommunication telecommunications instrumentation civil chemical biotechnology applications \
     elementary",
    ),
    (
        class::TRAIT,
        "communication leadership teamwork team interpersonal organizational organisational analytical creative \
     creativity motivated self detail oriented reliable flexible flexibility adaptable adaptability punctual hardworking \
     dedicated dedication enthusiastic positive attitude learner listening listener presentation negotiation problem solving \
     solver critical thinking multitasking multitask time verbal written oral collaborative collaboration proactive energetic \
     passionate committed commitment honest integrity friendly patient patience responsible confident quick fast player \
     decision initiative innovative resourceful diligent dependable professionalism ethic persuasive motivating mentoring",
    ),
    (
        class::LANGUAGE,
        "english hindi spanish french german italian portuguese russian chinese mandarin cantonese japanese korean \
     arabic bengali telugu tamil marathi kannada malayalam gujarati punjabi urdu odia oriya sanskrit swahili dutch polish swedish \
     norwegian danish finnish turkish greek hebrew farsi persian vietnamese thai tagalog indonesian malay ukrainian czech \
     romanian hungarian",
    ),
    (
        class::FUNCTION,
        "a an the of in on at by for with and or to from as is are was were be been this that these those it its my \
     i we our their his her who which where when while into through during including also such using used other all any each \
     more most not no than then via per etc",
    ),
];

/// Countries, states and regions, and large cities, one or more words each, parted by commas.
pub const PLACES: &str = "united states of america,united states,usa,u.s.a,us,united kingdom,uk,england,scotland,wales,ireland,canada,\
australia,new zealand,india,china,japan,germany,france,spain,italy,portugal,netherlands,belgium,switzerland,austria,sweden,norway,\
denmark,finland,poland,czech republic,slovakia,hungary,romania,bulgaria,greece,turkey,russia,ukraine,israel,egypt,south africa,\
nigeria,kenya,ghana,ethiopia,tanzania,uganda,morocco,tunisia,saudi arabia,united arab emirates,uae,qatar,kuwait,oman,bahrain,iran,\
iraq,jordan,lebanon,pakistan,bangladesh,sri lanka,nepal,singapore,malaysia,indonesia,philippines,thailand,vietnam,south korea,korea,\
taiwan,hong kong,mexico,brazil,argentina,chile,colombia,peru,venezuela,ecuador,costa rica,panama,puerto rico,dominican republic,cuba,\
haiti,jamaica,europe,asia,africa,north america,south america,latin america,middle east,apac,emea,western europe,eastern europe,\
alabama,alaska,arizona,arkansas,california,colorado,connecticut,delaware,florida,georgia,hawaii,idaho,illinois,indiana,iowa,kansas,\
kentucky,louisiana,maine,maryland,massachusetts,michigan,minnesota,mississippi,missouri,montana,nebraska,nevada,new hampshire,\
new jersey,new mexico,new york,north carolina,north dakota,ohio,oklahoma,oregon,pennsylvania,rhode island,south carolina,\
south dakota,tennessee,texas,utah,vermont,virginia,washington,west virginia,wisconsin,wyoming,washington dc,washington d.c,\
district of columbia,andhra pradesh,arunachal pradesh,assam,bihar,chhattisgarh,goa,gujarat,haryana,himachal pradesh,jharkhand,\
karnataka,kerala,madhya pradesh,maharashtra,manipur,meghalaya,mizoram,nagaland,odisha,orissa,punjab,rajasthan,sikkim,tamil nadu,\
telangana,tripura,uttar pradesh,uttarakhand,west bengal,jammu and kashmir,chandigarh,delhi,new delhi,puducherry,pondicherry,\
bengaluru,bangalore,bangalore urban,mumbai,pune,hyderabad,secunderabad,chennai,kolkata,noida,greater noida,gurgaon,gurugram,\
ghaziabad,faridabad,ahmedabad,surat,vadodara,baroda,rajkot,jaipur,jodhpur,udaipur,kota,lucknow,kanpur,agra,varanasi,allahabad,meerut,\
bhopal,indore,gwalior,jabalpur,nagpur,nashik,aurangabad,solapur,thane,navi mumbai,kolhapur,sangli,patna,ranchi,jamshedpur,\
bhubaneswar,cuttack,guwahati,visakhapatnam,vijayawada,guntur,tirupati,warangal,nellore,kochi,cochin,thiruvananthapuram,trivandrum,\
kozhikode,calicut,thrissur,coimbatore,madurai,salem,trichy,tiruchirappalli,vellore,mysore,mysuru,hubli,mangalore,belgaum,dharwad,\
dehradun,haridwar,roorkee,amritsar,ludhiana,jalandhar,patiala,mohali,shimla,srinagar,jammu,raipur,durgapur,howrah,new york city,\
los angeles,chicago,houston,phoenix,philadelphia,san antonio,san diego,dallas,san jose,austin,jacksonville,fort worth,columbus,\
charlotte,indianapolis,san francisco,seattle,denver,boston,el paso,nashville,detroit,oklahoma city,portland,las vegas,memphis,\
louisville,baltimore,milwaukee,albuquerque,tucson,fresno,sacramento,kansas city,mesa,atlanta,omaha,colorado springs,raleigh,\
long beach,virginia beach,miami,oakland,minneapolis,tulsa,tampa,arlington,new orleans,wichita,cleveland,bakersfield,aurora,anaheim,\
honolulu,santa ana,riverside,corpus christi,lexington,stockton,saint paul,st paul,cincinnati,pittsburgh,anchorage,henderson,\
greensboro,plano,newark,lincoln,orlando,irvine,toledo,jersey city,chula vista,durham,st louis,saint louis,madison,laredo,buffalo,\
scottsdale,richmond,norfolk,spokane,tacoma,boise,salt lake city,des moines,rochester,syracuse,albany,hartford,new haven,providence,\
cambridge,brooklyn,queens,bronx,manhattan,long island,palo alto,mountain view,sunnyvale,santa clara,cupertino,redmond,bellevue,\
berkeley,silicon valley,bay area,ann arbor,grand rapids,charleston,savannah,knoxville,birmingham,montgomery,mobile,little rock,\
baton rouge,jackson,columbia,frankfort,harrisburg,trenton,dover,annapolis,augusta,concord,montpelier,springfield,evanston,\
london,manchester,liverpool,leeds,sheffield,bristol,oxford,edinburgh,glasgow,cardiff,belfast,nottingham,leicester,coventry,southampton,\
dublin,cork,paris,lyon,marseille,toulouse,berlin,munich,hamburg,frankfurt,cologne,stuttgart,dusseldorf,madrid,barcelona,valencia,rome,\
milan,turin,naples,venice,padua,lisbon,porto,amsterdam,rotterdam,the hague,brussels,antwerp,geneva,zurich,basel,bern,vienna,prague,\
budapest,warsaw,krakow,bucharest,sofia,athens,istanbul,ankara,moscow,kiev,kyiv,stockholm,oslo,copenhagen,helsinki,toronto,montreal,\
vancouver,calgary,ottawa,edmonton,winnipeg,waterloo,sydney,melbourne,brisbane,perth,adelaide,canberra,auckland,wellington,tokyo,osaka,\
kyoto,beijing,shanghai,shenzhen,guangzhou,seoul,taipei,manila,jakarta,kuala lumpur,bangkok,hanoi,dubai,abu dhabi,doha,riyadh,jeddah,\
muscat,cairo,nairobi,lagos,accra,addis ababa,johannesburg,cape town,pretoria,casablanca,tel aviv,jerusalem,beirut,amman,tehran,baghdad,\
karachi,lahore,islamabad,dhaka,colombo,kathmandu,mexico city,sao paulo,rio de janeiro,buenos aires,santiago,bogota,lima,ontario,quebec,\
british columbia,alberta,manitoba,nova scotia,saskatchewan,new south wales,queensland,victoria";

/// Two-letter codes of the US states, and `DC` and `ST`, the placeholder of printed samples.
pub const STATE_CODES: &str = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK \
OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC ST";

/// Returns every listed word with the bits of all lists it is in.
pub fn classes() -> impl Iterator<Item = (&'static str, u32)> {
    let places = PLACES
        .split([',', ' ', '.'])
        .filter(|w| w.len() > 2)
        .map(|w| (w, class::PLACE));
    WORDS
        .iter()
        .flat_map(|(bit, words)| words.split_whitespace().map(|w| (w, *bit)))
        .chain(places)
}
