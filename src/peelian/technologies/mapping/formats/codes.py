"""Offence codes of known forces, each as the general category it belongs to; compared without case."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TORONTO: Mapping[str, str] = MappingProxyType(
    {
        "assault": "assault",
        "auto theft": "vehicle_theft",
        "break and enter": "break_and_enter",
        "robbery": "robbery",
        "theft over": "theft",
        "homicide": "homicide",
        "sexual violation": "sexual_offence",
        "bicycle theft": "bicycle_theft",
        "theft from motor vehicle": "theft_from_vehicle",
    }
)
"""MCI_CATEGORY (older: MCI) of the Toronto Police Service, and the titles of its sister datasets."""

CHICAGO: Mapping[str, str] = MappingProxyType(
    {
        "arson": "arson",
        "assault": "assault",
        "battery": "assault",
        "burglary": "break_and_enter",
        "concealed carry license violation": "weapons",
        "crim sexual assault": "sexual_offence",
        "criminal sexual assault": "sexual_offence",
        "criminal damage": "criminal_damage",
        "criminal trespass": "trespass",
        "deceptive practice": "fraud",
        "domestic violence": "assault",
        "gambling": "gambling",
        "homicide": "homicide",
        "human trafficking": "kidnapping",
        "interference with public officer": "interference_with_police",
        "intimidation": "threats_and_harassment",
        "kidnapping": "kidnapping",
        "liquor law violation": "liquor",
        "motor vehicle theft": "vehicle_theft",
        "narcotics": "drugs",
        "non - criminal": "other_reported",
        "non-criminal": "other_reported",
        "non-criminal (subject specified)": "other_reported",
        "obscenity": "other_discovered",
        "offense involving children": "offence_involving_children",
        "other narcotic violation": "drugs",
        "other offense": "other_reported",
        "prostitution": "sex_work",
        "public indecency": "public_order",
        "public peace violation": "public_order",
        "ritualism": "other_reported",
        "robbery": "robbery",
        "sex offense": "sexual_offence",
        "stalking": "threats_and_harassment",
        "theft": "theft",
        "weapons violation": "weapons",
    }
)
"""Primary Type (one-year file: PRIMARY DESCRIPTION) of the Chicago Police Department."""

CHICAGO_IUCR: Mapping[str, str] = MappingProxyType(
    {
        "01": "homicide",
        "02": "sexual_offence",
        "03": "robbery",
        "04": "assault",
        "05": "assault",
        "06": "break_and_enter",
        "08": "theft",
        "09": "vehicle_theft",
        "10": "arson",
        "11": "fraud",
        "12": "fraud",
        "13": "criminal_damage",
        "14": "weapons",
        "15": "sex_work",
        "16": "gambling",
        "17": "offence_involving_children",
        "18": "drugs",
        "20": "drugs",
        "22": "liquor",
        "38": "interference_with_police",
    }
)
"""The first two digits of Illinois Uniform Crime Reporting codes, for rows whose type is unknown or missing."""

POLICE_UK: Mapping[str, str] = MappingProxyType(
    {
        "anti-social behaviour": "antisocial_behaviour",
        "bicycle theft": "bicycle_theft",
        "burglary": "break_and_enter",
        "criminal damage and arson": "criminal_damage",
        "drugs": "drugs",
        "other crime": "other_reported",
        "other theft": "theft",
        "possession of weapons": "weapons",
        "public order": "public_order",
        "public disorder and weapons": "public_order",
        "robbery": "robbery",
        "shoplifting": "shoplifting",
        "theft from the person": "theft_from_person",
        "vehicle crime": "vehicle_crime",
        "violence and sexual offences": "violence_and_sexual_offences",
        "violent crime": "violence_and_sexual_offences",
    }
)
"""Crime type of data.police.uk, with the names in use before 2013."""

VANCOUVER: Mapping[str, str] = MappingProxyType(
    {
        "break and enter commercial": "break_and_enter",
        "break and enter residential/other": "break_and_enter",
        "homicide": "homicide",
        "mischief": "criminal_damage",
        "offence against a person": "person_offence",
        "other theft": "theft",
        "theft from vehicle": "theft_from_vehicle",
        "theft of bicycle": "bicycle_theft",
        "theft of vehicle": "vehicle_theft",
        "vehicle collision or pedestrian struck (with fatality)": "traffic_collision",
        "vehicle collision or pedestrian struck (with injury)": "traffic_collision",
    }
)
"""TYPE of the Vancouver Police Department."""

USUAL: Mapping[str, str] = MappingProxyType(
    {
        "aggravated assault": "assault",
        "simple assault": "assault",
        "murder": "homicide",
        "rape": "sexual_offence",
        "sexual assault": "sexual_offence",
        "personal robbery": "robbery",
        "commercial robbery": "robbery",
        "residential burglary": "break_and_enter",
        "commercial burglary": "break_and_enter",
        "burglary/breaking and entering": "break_and_enter",
        "breaking and entering": "break_and_enter",
        "auto theft": "vehicle_theft",
        "grand larceny of motor vehicle": "vehicle_theft",
        "theft of motor vehicle": "vehicle_theft",
        "theft from auto": "theft_from_vehicle",
        "larceny": "theft",
        "larceny/theft": "theft",
        "larceny-theft": "theft",
        "grand larceny": "theft",
        "petit larceny": "theft",
        "vandalism": "criminal_damage",
        "criminal mischief": "criminal_damage",
        "destruction/damage/vandalism of property": "criminal_damage",
        "drug/narcotic violations": "drugs",
        "dangerous drugs": "drugs",
        "drug offenses": "drugs",
        "weapon law violations": "weapons",
        "dangerous weapons": "weapons",
        "disorderly conduct": "public_order",
        "trespass of real property": "trespass",
        "harassment": "threats_and_harassment",
        "harrassment 2": "threats_and_harassment",
        "driving under the influence": "traffic_offence",
        "forgery": "fraud",
        "identity theft": "fraud",
        "vol de véhicule à moteur": "vehicle_theft",
        "vol dans / sur véhicule à moteur": "theft_from_vehicle",
        "introduction": "break_and_enter",
        "méfait": "criminal_damage",
        "vols qualifiés": "robbery",
        "infractions entrainant la mort": "homicide",
    }
)
"""Names met in other towns' files: US federal and state reporting, Montréal."""

EVERYWHERE: Mapping[str, str] = MappingProxyType({**CHICAGO, **VANCOUVER, **POLICE_UK, **TORONTO, **USUAL})
"""All of the above in one, for files whose force is not known."""
