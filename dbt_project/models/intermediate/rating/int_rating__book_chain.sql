-- A book and the books searched after it, nearest first (R4.1: the parent only where the book has no match).
with recursive chain as (
    select
        price_book,
        price_book as searched_book,
        0 as depth
    from {{ source('config', 'price_books') }}
    union all
    select
        chain.price_book,
        books.parent as searched_book,
        chain.depth + 1 as depth
    from chain
    inner join {{ source('config', 'price_books') }} as books
        on chain.searched_book = books.price_book
    where books.parent is not null and chain.depth < 50
)

select * from chain
