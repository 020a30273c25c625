"""What is left of a phone number and an address for whoever need not see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.customers.mask import mask_address, mask_email, mask_name, mask_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138****1234"),
        ("+86 13812341234", "86138****1234"),
        ("0571-8765432", "057****5432"),
        ("8765432", "****32"),
        ("110", "****"),
        ("", ""),
    ],
)
def test_phones(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("浙江省杭州市西湖区文三路 100 号 3 幢 502", "浙江省杭州市西湖区****"),
        ("上海市浦东新区世纪大道 1 号", "上海市浦东新区****"),
        ("江苏省昆山市玉山镇人民路 5 号", "江苏省昆山市****"),
        ("浙江省杭州市文三路翠苑小区 5 幢", "浙江省杭州市****"),
        ("内蒙古自治区锡林郭勒盟多伦县城关 1 号", "内蒙古自治区锡林郭勒盟多伦县****"),
        ("文三路 100 号", "文三路****"),
        ("家", "家****"),
        ("", ""),
    ],
)
def test_addresses(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("limei@example.com", "l****@example.com"),
        ("", ""),
        ("no address", "****"),
        ("@x", "****"),
    ],
)
def test_emails(address: str, shown: str) -> None:
    assert mask_email(address) == shown


def test_names() -> None:
    assert (mask_name("李梅"), mask_name(""), mask_name("Anna")) == ("李**", "", "A**")


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_no_phone_is_found_by_what_is_shown(phone: str) -> None:
    shown = mask_phone(phone)
    assert shown != phone and phone[3:7] not in shown.replace(phone[:3], "", 1)[:4]
    assert len(shown) == len(phone)


@given(st.text(min_size=1, max_size=80))
def test_of_an_address_at_most_a_beginning_is_shown(address: str) -> None:
    shown = mask_address(address)
    plain = " ".join(address.split())
    assert plain.startswith(shown.removesuffix("****")) and (not plain or shown.endswith("****"))
    assert len(shown) - 4 < max(len(plain), 2)
